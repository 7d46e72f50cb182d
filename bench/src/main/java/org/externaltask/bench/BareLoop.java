package org.externaltask.bench;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The least that a client can do, and so the most that an engine can: fetch and complete on raw sockets, without a JSON parser. One thread
 * fetches, the others complete, and all tasks of one process instance go to the same one, so that the engine sees no collisions.
 */
public final class BareLoop {

    private static final Pattern TASK = Pattern.compile("\"id\":\"([^\"]+)\".*?\"processInstanceId\":\"([^\"]+)\"");
    private static final String WORKER = "bare";

    private final URI base;
    private final int maxTasks;
    private final String fetch;
    private final String complete;
    /** Two batches at most: the next one is fetched while the last one is worked on. */
    private final Semaphore room;

    private final List<BlockingQueue<String>> lines;

    private BareLoop(URI base, String topic, int maxTasks, int threads, Work work) {
        this.base = base;
        this.maxTasks = maxTasks;
        this.room = new Semaphore(2 * maxTasks);
        this.lines = IntStream.range(0, threads)
                .<BlockingQueue<String>>mapToObj(i -> new LinkedBlockingQueue<>())
                .toList();
        String worker = "{\"workerId\":\"" + WORKER + "\"";
        this.fetch =
                worker + ",\"maxTasks\":" + maxTasks + ",\"asyncResponseTimeout\":2000,\"topics\":[{\"topicName\":\""
                        + topic + "\",\"lockDuration\":60000,\"variables\":[\"customerNumber\",\"amount\",\"name\"]}]}";
        this.complete = work == Work.COMPLETES
                ? worker + "}"
                : worker + ",\"variables\":{\"greeting\":{\"value\":\"Ada Lovelace\",\"type\":\"String\"},"
                        + "\"doubled\":{\"value\":24,\"type\":\"Integer\"}}}";
    }

    /** Arguments: base URL, topic, maxTasks, threads, work: {@code completes}, or {@code maps} with two fixed variables. */
    public static void main(String[] args) {
        BareLoop loop = new BareLoop(
                URI.create(args[0]),
                args[1],
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]),
                Work.valueOf(args[4].toUpperCase(Locale.ROOT)));
        loop.lines.forEach(line -> begin(() -> loop.complete(line)));
        begin(loop::fetch);
    }

    private interface Loop {
        void run() throws IOException, InterruptedException;
    }

    private static void begin(Loop loop) {
        new Thread(() -> {
                    try {
                        loop.run();
                    } catch (IOException | InterruptedException e) {
                        // Without one of its threads the loop would only seem to be slow.
                        System.err.println("ends: " + e);
                        System.exit(1);
                    }
                })
                .start();
    }

    private void fetch() throws IOException, InterruptedException {
        BareConnection connection = new BareConnection(base);
        while (true) {
            room.acquire(maxTasks);
            int fetched = 0;
            Matcher tasks = TASK.matcher(must(connection.post("/external-task/fetchAndLock", fetch)));
            while (tasks.find()) {
                fetched++;
                int line = Math.floorMod(tasks.group(2).hashCode(), lines.size());
                lines.get(line).add(tasks.group(1));
            }
            room.release(maxTasks - fetched);
        }
    }

    private void complete(BlockingQueue<String> line) throws IOException, InterruptedException {
        BareConnection connection = new BareConnection(base);
        while (true) {
            String path = "/external-task/" + line.take() + "/complete";
            HttpText.Answer answer = connection.post(path, complete);
            while (answer.status() == 500 && answer.body().contains("OptimisticLocking")) {
                answer = connection.post(path, complete);
            }
            must(answer);
            room.release();
        }
    }

    private static String must(HttpText.Answer answer) throws IOException {
        if (answer.status() / 100 != 2) {
            throw new IOException("the engine answered " + answer);
        }
        return answer.body();
    }
}
