package io.fdnetty.testsuite.server;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** A client that sends numbered datagrams; one that is lost is an error. */
final class DatagramClient implements EchoClient {
    private static final int PATIENCE_MILLIS = 20_000;

    private final DatagramSocket socket;
    private long sent;

    DatagramClient(long port) throws IOException {
        socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        socket.connect(InetAddress.getLoopbackAddress(), (int) port);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    @Override
    public void exchange() throws IOException {
        byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(++sent).array();
        socket.send(new DatagramPacket(number, number.length));
        DatagramPacket answer = new DatagramPacket(new byte[64], 64);
        socket.receive(answer);
        long came = ByteBuffer.wrap(answer.getData()).getLong();
        if (answer.getLength() != Long.BYTES || came != sent) {
            throw new IOException("datagram " + came + " came instead of " + sent);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
