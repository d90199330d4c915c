#include "regtool/http/connection_facts.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "http/proxy.hpp"
#include "http/transport.hpp"
#include "regtool/base/error.hpp"

namespace regtool::http {

namespace {

constexpr int kMaxWaitMs = 1000;

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

std::chrono::milliseconds milliseconds_of(const CurlHandle& handle, CURLINFO info) {
    curl_off_t microseconds = 0;
    (void)curl_easy_getinfo(handle.get(), info, &microseconds);
    return std::chrono::milliseconds(microseconds / 1000);
}

/// libcurl's lines are "Subject:…", "Issuer:…", "Expire date:…".
CertificateFacts certificate_of(const curl_slist* lines) {
    CertificateFacts facts;
    const auto value = [](std::string_view line,
                          std::string_view name) -> std::optional<std::string> {
        if (!line.starts_with(name)) {
            return std::nullopt;
        }
        return std::string(line.substr(name.size()));
    };
    for (; lines != nullptr; lines = lines->next) {
        const std::string_view line = lines->data;
        if (const auto subject = value(line, "Subject:")) {
            facts.subject = *subject;
        } else if (const auto issuer = value(line, "Issuer:")) {
            facts.issuer = *issuer;
        } else if (const auto names = value(line, "X509v3 Subject Alternative Name:")) {
            facts.names = *names;
        } else if (const auto date = value(line, "Expire date:")) {
            const time_t when = curl_getdate(date->c_str(), nullptr);
            facts.expires = when < 0 ? std::nullopt : std::optional<std::int64_t>(when);
        }
    }
    return facts;
}

std::vector<CertificateFacts> chain_of(const CurlHandle& handle) {
    std::vector<CertificateFacts> chain;
    curl_certinfo* info = nullptr;
    if (curl_easy_getinfo(handle.get(), CURLINFO_CERTINFO, &info) != CURLE_OK || info == nullptr) {
        return chain;
    }
    for (int i = 0; i < info->num_of_certs; ++i) {
        chain.push_back(certificate_of(info->certinfo[i]));
    }
    return chain;
}

}  // namespace

ConnectionFacts inspect_connection(const ClientOptions& options,
                                   const HttpRequest& request,
                                   base::Log& log,
                                   const std::stop_token& stop) {
    initialise_curl();
    Transport transport(options, log);
    Transfer transfer;
    ExchangeContext context = transport.context_for(request, stop);
    context.http2 = true;
    ConnectionFacts facts;
    facts.proxy = context.proxy.empty() ? "" : shown_proxy(context.proxy);
    Exchange exchange(transfer.handle, request, std::move(context));
    transfer.handle.set<CURLOPT_CERTINFO>(1L);
    transfer.multi.add(transfer.handle);
    while (transfer.multi.perform() > 0) {
        transfer.multi.wait(kMaxWaitMs);
    }
    const CURLcode code = transfer.multi.next_finished().code;
    transfer.multi.remove(transfer.handle);
    facts.response = exchange.finish(code);
    facts.address = transfer.handle.get_text<CURLINFO_PRIMARY_IP>();
    facts.chain = chain_of(transfer.handle);
    facts.connected = milliseconds_of(transfer.handle, CURLINFO_PRETRANSFER_TIME_T);
    facts.answered = milliseconds_of(transfer.handle, CURLINFO_STARTTRANSFER_TIME_T);
    return facts;
}

std::string proxy_for(const ClientOptions& options, const std::string& url, base::Log& log) {
    HttpRequest request;
    request.url = url;
    const std::string proxy = Transport(options, log).context_for(request, {}).proxy;
    return proxy.empty() ? "" : shown_proxy(proxy);
}

std::vector<std::string> resolve_name(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    const int code = getaddrinfo(host.c_str(), nullptr, &hints, &raw);
    if (code != 0) {
        throw base::TransportError(base::TransportPhase::resolve, code == EAI_AGAIN,
                                   "cannot resolve " + host + ": " + gai_strerror(code));
    }
    const std::unique_ptr<addrinfo, FreeAddresses> addresses(raw);
    std::vector<std::string> texts;
    for (const addrinfo* address = raw; address != nullptr; address = address->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (getnameinfo(address->ai_addr, address->ai_addrlen, text.data(), text.size(), nullptr, 0,
                        NI_NUMERICHOST) == 0) {
            texts.emplace_back(text.data());
        }
    }
    return texts;
}

}  // namespace regtool::http
