package org.externaltask.dispatcher.http;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.security.web.util.matcher.IpAddressMatcher;

/**
 * Knows which hosts may be called ({@code etd.egress.allowed-hosts}). It is asked for the addresses of a host each time that a
 * connection is opened, so that a name cannot lead elsewhere than it did at the start.
 */
final class Egress implements DnsResolver {

    private static final String KEY = "etd.egress.allowed-hosts";
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.%a-z]*");

    /** Where AWS hands out credentials over IPv6, as it does at 169.254.169.254. */
    private static final IpAddressMatcher CLOUD_CREDENTIALS = new IpAddressMatcher("fd00:ec2::254");

    private final DnsResolver dns;
    private final List<String> names;
    private final List<IpAddressMatcher> networks;

    private Egress(DnsResolver dns, List<String> names, List<IpAddressMatcher> networks) {
        this.dns = dns;
        this.names = names;
        this.networks = networks;
    }

    static Egress to(List<String> allowed) {
        return to(allowed, SystemDefaultDnsResolver.INSTANCE);
    }

    static Egress to(List<String> allowed, DnsResolver dns) {
        return new Egress(
                dns,
                allowed.stream()
                        .filter(entry -> !isNetwork(entry))
                        .map(entry -> entry.toLowerCase(Locale.ROOT))
                        .toList(),
                allowed.stream().filter(Egress::isNetwork).map(Egress::network).toList());
    }

    /**
     * Refuses what can be told to be wrong without asking the DNS, which may be away when ETD starts.
     *
     * @param key the configuration key of the address
     */
    void check(String key, URI address) {
        String host = withoutBrackets(address.getHost());
        boolean refused = ADDRESS.matcher(host).matches()
                ? !isAllowed(host, literal(host))
                : isLimited() && networks.isEmpty() && !isNamed(host);
        if (refused) {
            throw new InvalidConfigurationPropertyValueException(
                    key, address, notAllowed(host, "") + ": add it there, or correct the address");
        }
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = dns.resolve(host);
        InetAddress[] allowed =
                Arrays.stream(found).filter(address -> isAllowed(host, address)).toArray(InetAddress[]::new);
        if (allowed.length == 0) {
            throw new HostNotAllowed(notAllowed(host, found.length == 0 ? "" : " (" + found[0].getHostAddress() + ")"));
        }
        return allowed;
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
        return dns.resolveCanonicalHostname(host);
    }

    private boolean isAllowed(String host, InetAddress address) {
        String written = address.getHostAddress().replaceFirst("%.*", "");
        if (networks.stream().anyMatch(network -> network.matches(written))) {
            return true;
        }
        boolean dangerous = address.isLinkLocalAddress() || CLOUD_CREDENTIALS.matches(written);
        return !dangerous && (!isLimited() || isNamed(host));
    }

    private boolean isLimited() {
        return !names.isEmpty() || !networks.isEmpty();
    }

    private boolean isNamed(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return names.stream()
                .anyMatch(listed -> listed.startsWith("*.") ? name.endsWith(listed.substring(1)) : name.equals(listed));
    }

    private String notAllowed(String host, String where) {
        return "the host " + host + where
                + (isLimited() ? " is not in " + KEY : " is link-local, and only called when " + KEY + " has it");
    }

    private static boolean isNetwork(String entry) {
        return entry.contains("/") || ADDRESS.matcher(entry).matches();
    }

    private static IpAddressMatcher network(String entry) {
        try {
            return new IpAddressMatcher(entry);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException(
                    KEY, entry, "It is neither an address nor a network: write for example 10.1.2.3 or 10.0.0.0/8");
        }
    }

    private static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address); // no DNS: it is an address
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address + " is no address", e);
        }
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
