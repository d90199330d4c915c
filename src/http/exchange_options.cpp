#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "http/exchange.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

constexpr long kBufferBytes = 512L << 10;
/// Idle connections older than this are not used again: servers close them without a word.
constexpr long kMaxConnectionAgeSeconds = 90;
constexpr const char* kSystemCertificates = "/etc/ssl/certs";

const char* environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets variables
    return value != nullptr && *value != '\0' ? value : nullptr;
}

/// libcurl fills its buffer up to a hundred times before it looks at the rate: that is to be a
/// quarter of a second's worth.
long receive_buffer(std::uint64_t limit_rate) {
    constexpr std::uint64_t kFillsPerSecond = 400;
    constexpr long kLeastBytes = 1024;
    return limit_rate == 0 ? kBufferBytes
                           : std::clamp(static_cast<long>(std::min<std::uint64_t>(
                                            limit_rate / kFillsPerSecond, kBufferBytes)),
                                        kLeastBytes, kBufferBytes);
}

bool is_folder(const char* path) {
    struct stat status {};

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

void append(HeaderList& list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) {
        throw std::bad_alloc();
    }
    (void)list.release();
    list.reset(longer);
}

/// Nothing that could end the line may reach the wire (T-28).
void check_header(std::string_view name, std::string_view value) {
    const bool bad = std::any_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
    if (bad) {
        throw base::UsageError("the value of header " + base::printable(name, 64) +
                               " has control characters");
    }
}

}  // namespace

void Exchange::set_connection_options() {
    const ClientOptions& options = context_.options;
    handle_.set<CURLOPT_URL>(url_.text());
    handle_.set<CURLOPT_PROTOCOLS_STR>("http,https");
    handle_.set<CURLOPT_FOLLOWLOCATION>(0L);
    handle_.set<CURLOPT_PATH_AS_IS>(1L);
    handle_.set<CURLOPT_NOSIGNAL>(1L);
    handle_.set<CURLOPT_HTTP09_ALLOWED>(0L);
    handle_.set<CURLOPT_SUPPRESS_CONNECT_HEADERS>(1L);
    handle_.set<CURLOPT_CONNECTTIMEOUT_MS>(
        static_cast<long>(std::max<std::int64_t>(1, options.connect_timeout.count())));
    handle_.set<CURLOPT_MAXAGE_CONN>(kMaxConnectionAgeSeconds);
    handle_.set<CURLOPT_TCP_KEEPALIVE>(1L);
    if (context_.receiver != nullptr) {
        handle_.set<CURLOPT_BUFFERSIZE>(receive_buffer(options.limit_rate_bytes_per_second));
    }
    if (context_.upload != nullptr) {
        handle_.set<CURLOPT_UPLOAD_BUFFERSIZE>(kBufferBytes);
    }
    handle_.set<CURLOPT_USERAGENT>(options.user_agent);
    const bool http2 = context_.http2 && !options.http1_only;
    handle_.set<CURLOPT_HTTP_VERSION>(
        static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    // Empty texts keep libcurl from looking into the environment by itself.
    handle_.set<CURLOPT_PROXY>(context_.proxy);
    handle_.set<CURLOPT_NOPROXY>("");
    if (options.limit_rate_bytes_per_second > 0) {
        const auto rate = static_cast<curl_off_t>(options.limit_rate_bytes_per_second);
        handle_.set<CURLOPT_MAX_RECV_SPEED_LARGE>(rate);
        handle_.set<CURLOPT_MAX_SEND_SPEED_LARGE>(rate);
    }
}

void Exchange::set_tls_options() {
    if (url_.scheme() != "https") {
        return;
    }
    HostSettings settings;
    if (context_.options.host_settings) {
        settings = context_.options.host_settings(url_.host_port());
    }
    handle_.set<CURLOPT_SSLVERSION>(static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    handle_.set<CURLOPT_SSL_VERIFYPEER>(settings.insecure_tls ? 0L : 1L);
    handle_.set<CURLOPT_SSL_VERIFYHOST>(settings.insecure_tls ? 0L : 2L);
    const char* named_file = environment("SSL_CERT_FILE");
    const char* named_folder = environment("SSL_CERT_DIR");
    if (!settings.ca_file.empty()) {
        handle_.set<CURLOPT_CAINFO>(settings.ca_file);
        handle_.set<CURLOPT_CAPATH>(nullptr);
    } else if (named_file != nullptr || named_folder != nullptr) {
        handle_.set<CURLOPT_CAINFO>(named_file);
        handle_.set<CURLOPT_CAPATH>(named_folder);
    } else if (is_folder(kSystemCertificates)) {
        // The bundle of all roots costs 17 ms for each connection; the hashed folder next to none.
        handle_.set<CURLOPT_CAINFO>(nullptr);
        handle_.set<CURLOPT_CAPATH>(kSystemCertificates);
    }
    if (!settings.ca_pem.empty() && settings.ca_file.empty()) {
        curl_blob blob{settings.ca_pem.data(), settings.ca_pem.size(), CURL_BLOB_COPY};
        handle_.set<CURLOPT_CAINFO_BLOB>(&blob);
    }
    if (!settings.client_cert_file.empty()) {
        handle_.set<CURLOPT_SSLCERT>(settings.client_cert_file);
        handle_.set<CURLOPT_SSLKEY>(settings.client_key_file.empty() ? settings.client_cert_file
                                                                     : settings.client_key_file);
    }
}

void Exchange::set_request_options(const HttpRequest& request) {
    const std::string method(to_string(request.method));
    if (context_.upload != nullptr) {
        handle_.set<CURLOPT_UPLOAD>(1L);
        handle_.set<CURLOPT_READFUNCTION>(&Exchange::on_upload);
        handle_.set<CURLOPT_READDATA>(this);
        // A chunk may have been stored although nothing was heard of it: it is never sent twice.
        if (request.method != Method::patch) {
            handle_.set<CURLOPT_SEEKFUNCTION>(&Exchange::on_rewind);
            handle_.set<CURLOPT_SEEKDATA>(this);
        }
        handle_.set<CURLOPT_INFILESIZE_LARGE>(
            context_.upload_size ? static_cast<curl_off_t>(*context_.upload_size) : curl_off_t{-1});
        handle_.set<CURLOPT_CUSTOMREQUEST>(method);
    } else if (request.method == Method::head) {
        handle_.set<CURLOPT_NOBODY>(1L);
    } else if (request.method == Method::get) {
        handle_.set<CURLOPT_HTTPGET>(1L);
    } else if (request.method == Method::del && request.body.empty()) {
        handle_.set<CURLOPT_HTTPGET>(1L);
        handle_.set<CURLOPT_CUSTOMREQUEST>(method);
    } else {
        handle_.set<CURLOPT_POST>(1L);
        handle_.set<CURLOPT_CUSTOMREQUEST>(method);
        handle_.set<CURLOPT_POSTFIELDSIZE_LARGE>(static_cast<curl_off_t>(request.body.size()));
        handle_.set<CURLOPT_COPYPOSTFIELDS>(request.body.data());
    }
    for (const auto& [name, value] : request.headers.lines()) {
        check_header(name, value);
        append(header_lines_, value.empty() ? name + ";" : name + ": " + value);
    }
    if (request.authorization) {
        check_header("Authorization", request.authorization->reveal());
        append(header_lines_, "Authorization: " + request.authorization->reveal());
    }
    if (!request.headers.get("Content-Type")) {
        append(header_lines_, "Content-Type:");  // no guess of libcurl's
    }
    append(header_lines_, "Expect:");  // registries that ignore it would cost a second each
    handle_.set<CURLOPT_HTTPHEADER>(header_lines_.get());
}

}  // namespace regtool::http
