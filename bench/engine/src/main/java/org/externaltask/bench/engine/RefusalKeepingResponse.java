package org.externaltask.bench.engine;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Keeps a copy of the body when the status says that the call was refused. */
final class RefusalKeepingResponse extends HttpServletResponseWrapper {

    private final ByteArrayOutputStream refusal = new ByteArrayOutputStream(0);

    RefusalKeepingResponse(HttpServletResponse response) {
        super(response);
    }

    /** Empty where the call was not refused. */
    String refusal() {
        return refusal.toString(StandardCharsets.UTF_8);
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        ServletOutputStream out = super.getOutputStream();
        return getStatus() < 400 ? out : new Copying(out);
    }

    private final class Copying extends ServletOutputStream {

        private final ServletOutputStream out;

        Copying(ServletOutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            refusal.write(b);
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            refusal.write(bytes, offset, length);
            out.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }

        @Override
        public boolean isReady() {
            return out.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            out.setWriteListener(listener);
        }
    }
}
