package org.externaltask.bench;

import java.util.List;
import java.util.Map;

/** What topics cost while nothing is to be done. */
final class IdleTopics implements Question {

    private final Options options;
    private final List<Integer> topics;
    private final int settle;
    private final int seconds;
    private final Engine engine;

    IdleTopics(Options options) {
        this.options = options;
        this.topics = options.numbers("sizes", "1,100,1000");
        this.settle = options.number("settle", 20);
        this.seconds = options.number("seconds", 60);
        this.engine = Engine.start(options);
    }

    @Override
    public List<String> participants() {
        return topics.stream().map(Topics::row).toList();
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        engine.forget();
        String routes = Topics.folder(Topics.number(participant));
        try (Child etd = new Clients(options, engine.baseUrl(), Surroundings.NONE).etd(1, routes)) {
            Waiting.until(1, () -> engine.answers("fetches"), List.of(etd));
            Thread.sleep(settle * 1_000L);
            Stretch stretch = Stretch.begin(Stretch.parts(List.of(etd), engine.process()));
            Thread.sleep(seconds * 1_000L);
            etd.mustLive();
            Map<String, Double> figures = stretch.perSecond();
            if (engine.answers("fetchesRefused") != 0) {
                throw new IllegalStateException("the engine refused to be asked: " + engine.answers());
            }
            return figures;
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
