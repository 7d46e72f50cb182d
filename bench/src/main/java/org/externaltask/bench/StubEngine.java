package org.externaltask.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An engine that answers at once and keeps count of every task: handed out once, completed once, anything else is a fault of the run.
 * Tasks are handed out up to a number that the measuring process raises, so that a warm-up ends before the measured part begins.
 */
public final class StubEngine {

    private static final int NEW = 0;
    private static final int FETCHED = 1;
    private static final int COMPLETED = 2;
    private static final int TASKS_OF_AN_INSTANCE = 50;
    private static final String TASK_ID = "00000000-0000-0000-0000-";
    private static final String VARIABLES =
            "{\"customerNumber\":{\"type\":\"String\",\"value\":\"C-100\",\"valueInfo\":{}},"
                    + "\"amount\":{\"type\":\"Integer\",\"value\":12,\"valueInfo\":{}},"
                    + "\"name\":{\"type\":\"String\",\"value\":\"Ada Lovelace\",\"valueInfo\":{}}}";
    private static final byte[] NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final String topic;
    private final AtomicIntegerArray states;
    private final Object supply = new Object();
    private int next;
    private int released;
    private final AtomicLong firstFetch = new AtomicLong();
    private final AtomicInteger fetches = new AtomicInteger();
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicInteger repeated = new AtomicInteger();
    private final AtomicInteger unknown = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger other = new AtomicInteger();

    private StubEngine(String topic, int tasks) {
        this.topic = "\"" + topic + "\"";
        this.states = new AtomicIntegerArray(tasks);
    }

    /** Arguments: port, topic, number of tasks. */
    public static void main(String[] args) throws IOException {
        StubEngine engine = new StubEngine(args[1], Integer.parseInt(args[2]));
        try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 500, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread thread = new Thread(() -> engine.serve(socket));
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream(), 16_384);
                OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 65_536)) {
            for (String request = HttpText.line(in); request != null; request = HttpText.line(in)) {
                answer(request, HttpText.body(in), out);
                out.flush();
            }
        } catch (IOException e) {
            // The client is gone; what it left unfinished shows in the counts.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(String request, String body, OutputStream out) throws IOException, InterruptedException {
        String path = request.split(" ", 3)[1];
        if (path.endsWith("/external-task/fetchAndLock")) {
            firstFetch.compareAndSet(0, System.nanoTime());
            fetches.incrementAndGet();
            ok(out, fetch(body));
        } else if (path.endsWith("/complete")) {
            complete(path, body);
            out.write(NO_CONTENT);
        } else if (path.endsWith("/failure") || path.endsWith("/bpmnError")) {
            failed.incrementAndGet();
            out.write(NO_CONTENT);
        } else if (path.startsWith("/bench/release/")) {
            release(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)));
            out.write(NO_CONTENT);
        } else if (path.equals("/bench/counts")) {
            ok(out, counts());
        } else if (request.startsWith("GET ")) {
            ok(out, path.endsWith("/version") ? "{\"version\":\"7.24.0\"}" : "[]");
        } else {
            other.incrementAndGet();
            out.write(NO_CONTENT);
        }
    }

    private void release(int upTo) {
        synchronized (supply) {
            released = upTo;
            supply.notifyAll();
        }
    }

    private String fetch(String body) throws InterruptedException {
        int first = 0;
        int count = 0;
        if (body.contains(topic)) {
            int max = (int) number(body, "maxTasks", 1);
            long end = System.nanoTime() + number(body, "asyncResponseTimeout", 0) * 1_000_000;
            synchronized (supply) {
                for (long left = end - System.nanoTime();
                        next >= released && left > 0;
                        left = end - System.nanoTime()) {
                    supply.wait(left / 1_000_000 + 1);
                }
                first = next;
                count = Math.min(max, released - next);
                next += count;
            }
        }
        String worker = text(body, "workerId");
        StringBuilder tasks = new StringBuilder(1_000 * count + 2).append('[');
        for (int i = first; i < first + count; i++) {
            states.set(i, FETCHED);
            tasks.append(i == first ? "" : ",");
            render(tasks, i, worker);
        }
        return tasks.append(']').toString();
    }

    private void render(StringBuilder json, int number, String worker) {
        String id = uuid(TASK_ID, number);
        String instance = uuid("10000000-0000-0000-0000-", number / TASKS_OF_AN_INSTANCE);
        json.append("{\"activityId\":\"task\",\"activityInstanceId\":\"task:").append(id);
        json.append("\",\"errorMessage\":null,\"errorDetails\":null,\"executionId\":\"")
                .append(id);
        json.append("\",\"id\":\"").append(id);
        json.append("\",\"lockExpirationTime\":\"2099-01-01T00:00:00.000+0000\"");
        json.append(",\"createTime\":\"2026-01-01T00:00:00.000+0000\",\"processDefinitionId\":\"bench:1:")
                .append(id);
        json.append(
                "\",\"processDefinitionKey\":\"bench\",\"processDefinitionVersionTag\":null,\"processInstanceId\":\"");
        json.append(instance)
                .append("\",\"retries\":null,\"suspended\":false,\"workerId\":\"")
                .append(worker);
        json.append("\",\"topicName\":")
                .append(topic)
                .append(",\"tenantId\":null,\"variables\":")
                .append(VARIABLES);
        json.append(",\"priority\":0,\"businessKey\":null,\"extensionProperties\":{}}");
    }

    private static String uuid(String prefix, int number) {
        String digits = Integer.toString(number);
        return prefix + "000000000000".substring(digits.length()) + digits;
    }

    private void complete(String path, String body) {
        int start = path.indexOf(TASK_ID);
        int number = start < 0 ? -1 : Integer.parseInt(path, start + TASK_ID.length(), path.lastIndexOf('/'), 10);
        if (number < 0
                || number >= states.length()
                || states.get(number) == NEW
                || text(body, "workerId").isEmpty()) {
            unknown.incrementAndGet();
        } else if (states.compareAndSet(number, FETCHED, COMPLETED)) {
            completed.incrementAndGet();
        } else {
            repeated.incrementAndGet();
        }
    }

    private String counts() {
        int fetched;
        synchronized (supply) {
            fetched = next;
        }
        return "{\"firstFetch\":" + firstFetch + ",\"fetches\":" + fetches + ",\"fetched\":" + fetched
                + ",\"completed\":" + completed + ",\"repeated\":" + repeated + ",\"unknown\":" + unknown
                + ",\"failed\":" + failed + ",\"other\":" + other + "}";
    }

    private static long number(String json, String key, long otherwise) {
        int at = value(json, key);
        if (at < 0) {
            return otherwise;
        }
        int end = at;
        while (end < json.length() && Character.isDigit(json.charAt(end))) {
            end++;
        }
        return end == at ? otherwise : Long.parseLong(json, at, end, 10);
    }

    private static String text(String json, String key) {
        int at = value(json, key);
        return at < 0 || json.charAt(at) != '"' ? "" : json.substring(at + 1, json.indexOf('"', at + 1));
    }

    private static int value(String json, String key) {
        int at = json.indexOf("\"" + key + "\"");
        if (at < 0) {
            return -1;
        }
        at = json.indexOf(':', at) + 1;
        while (Character.isWhitespace(json.charAt(at))) {
            at++;
        }
        return at;
    }

    private static void ok(OutputStream out, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
    }
}
