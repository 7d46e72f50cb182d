package org.externaltask.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** From {@code java -jar} to the first fetch. */
public final class Start implements Question {

    /** What is started in a row, with how many topics. */
    private record Row(Program program, int topics) {}

    private final Options options;
    private final Map<String, Row> rows = new LinkedHashMap<>();

    private Start(Options options) {
        this.options = options;
        List<Integer> topics = options.numbers("topics", "1,100");
        Map<String, Program> programs = Program.all(
                options.list("as", String.join(",", Program.JAR, Program.UNPACKED, Program.ARCHIVE)), options);
        for (int number : topics) {
            programs.forEach((name, program) -> rows.put(name + ", " + Topics.row(number), new Row(program, number)));
        }
    }

    public static void main(String[] args) throws Exception {
        Question.ask("start", args, Set.of("as", "topics", "max-tasks", "etd-options"), Start::new);
    }

    @Override
    public List<String> participants() {
        return List.copyOf(rows.keySet());
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        Row row = rows.get(participant);
        String routes = Topics.folder(row.topics);
        try (Stub stub = Stub.start("none", 0)) {
            Stretch stretch = Stretch.begin(Map.of());
            long start = System.nanoTime();
            try (Child etd = new Clients(options, stub.baseUrl(), Surroundings.NONE).etd(row.program, routes)) {
                Waiting.until(1, () -> stub.counts().path("fetches").asInt(), List.of(stub.process(), etd));
                // Both clocks are the machine's monotonic one.
                double seconds = (stub.counts().path("firstFetch").asLong() - start) / 1e9;
                Map<String, Double> figures = new LinkedHashMap<>();
                figures.put("s to the first fetch", seconds);
                figures.put("CPU s", etd.cpu());
                figures.put("peak MB", Machine.peakMemory(etd.pid()) / 1048576.0);
                figures.put(Stretch.OTHERS, stretch.others(List.of(etd, stub.process())));
                return figures;
            }
        }
    }
}
