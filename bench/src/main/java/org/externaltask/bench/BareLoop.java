package org.externaltask.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The least that a client can do: fetch and complete on raw sockets, one connection a thread, no JSON parser. */
public final class BareLoop {

    private static final Pattern TASK_ID = Pattern.compile("\"id\":\"([^\"]+)\"");

    private final URI base;
    private final String topic;
    private final int maxTasks;

    private BareLoop(URI base, String topic, int maxTasks) {
        this.base = base;
        this.topic = topic;
        this.maxTasks = maxTasks;
    }

    /** Arguments: base URL, topic, maxTasks, threads. */
    public static void main(String[] args) throws InterruptedException {
        BareLoop loop = new BareLoop(URI.create(args[0]), args[1], Integer.parseInt(args[2]));
        for (int i = 0; i < Integer.parseInt(args[3]); i++) {
            String worker = "bare-" + i;
            new Thread(() -> loop.work(worker)).start();
        }
        Thread.currentThread().join();
    }

    private void work(String worker) {
        String fetch = "{\"workerId\":\"" + worker + "\",\"maxTasks\":" + maxTasks + ",\"asyncResponseTimeout\":20000,"
                + "\"topics\":[{\"topicName\":\"" + topic + "\",\"lockDuration\":60000}]}";
        String complete = "{\"workerId\":\"" + worker + "\"}";
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 65_536);
            while (true) {
                Matcher ids = TASK_ID.matcher(call(socket, in, "/external-task/fetchAndLock", fetch, true));
                while (ids.find()) {
                    String path = "/external-task/" + ids.group(1) + "/complete";
                    // An optimistic lock: another task of the instance was faster, the same call again is the remedy.
                    while (call(socket, in, path, complete, false) == null) {
                        continue;
                    }
                }
            }
        } catch (IOException e) {
            System.err.println(worker + " ends: " + e);
        }
    }

    /** @return the body, or null where the engine asks for another try */
    private String call(Socket socket, InputStream in, String path, String body, boolean must) throws IOException {
        String request = "POST " + base.getPath() + path + " HTTP/1.1\r\nHost: " + base.getAuthority()
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        HttpText.Answer answer = HttpText.answer(in);
        if (answer.status() / 100 == 2) {
            return answer.body();
        }
        if (!must && answer.status() == 500 && answer.body().contains("OptimisticLocking")) {
            return null;
        }
        throw new IOException(path + " was answered " + answer.status() + ": " + answer.body());
    }
}
