package io.fdnetty.channel;

import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Options of {@link AncillarySocketChannel}: those of every channel, ALLOW_HALF_CLOSURE, SO_SNDBUF and SO_RCVBUF. */
final class AncillaryChannelConfig extends DefaultChannelConfig {
    private static final int WRITE_CALLS_PER_ROUND = 64;

    private final Socket socket;
    private final Runnable autoReadCleared;
    private volatile boolean allowHalfClosure;

    AncillaryChannelConfig(AncillarySocketChannel channel, Socket socket, Runnable autoReadCleared) {
        super(channel);
        this.socket = socket;
        this.autoReadCleared = autoReadCleared;
        setMessageSizeEstimator(SentMessageSize.ESTIMATOR);
        setWriteSpinCount(WRITE_CALLS_PER_ROUND);
    }

    boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    @Override
    protected void autoReadCleared() {
        autoReadCleared.run();
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE, ChannelOption.SO_SNDBUF, ChannelOption.SO_RCVBUF);
    }

    @Override
    @SuppressWarnings("unchecked") // each option has its type
    public <T> @Nullable T getOption(ChannelOption<T> option) {
        try {
            if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
                return (T) Boolean.valueOf(allowHalfClosure);
            }
            if (option.equals(ChannelOption.SO_SNDBUF)) {
                return (T) Integer.valueOf(socket.getSendBufferSize());
            }
            if (option.equals(ChannelOption.SO_RCVBUF)) {
                return (T) Integer.valueOf(socket.getReceiveBufferSize());
            }
            return super.getOption(option);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        try {
            if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
                allowHalfClosure = (Boolean) value;
            } else if (option.equals(ChannelOption.SO_SNDBUF)) {
                socket.setSendBufferSize((Integer) value);
            } else if (option.equals(ChannelOption.SO_RCVBUF)) {
                socket.setReceiveBufferSize((Integer) value);
            } else {
                return super.setOption(option, value);
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
