package io.fdnetty.channel;

import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.util.NetUtil;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Options of {@link AncillaryServerSocketChannel}: those of every channel, and SO_BACKLOG. */
final class AncillaryServerChannelConfig extends DefaultChannelConfig {
    private final Runnable autoReadCleared;
    private volatile int backlog = NetUtil.SOMAXCONN;

    AncillaryServerChannelConfig(AncillaryServerSocketChannel channel, Runnable autoReadCleared) {
        super(channel);
        this.autoReadCleared = autoReadCleared;
    }

    int backlog() {
        return backlog;
    }

    @Override
    protected void autoReadCleared() {
        autoReadCleared.run();
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(super.getOptions(), ChannelOption.SO_BACKLOG);
    }

    @Override
    @SuppressWarnings("unchecked") // the option has its type
    public <T> @Nullable T getOption(ChannelOption<T> option) {
        return option.equals(ChannelOption.SO_BACKLOG) ? (T) Integer.valueOf(backlog) : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (!option.equals(ChannelOption.SO_BACKLOG)) {
            return super.setOption(option, value);
        }
        backlog = (Integer) value;
        return true;
    }
}
