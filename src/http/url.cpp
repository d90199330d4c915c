#include "http/url.hpp"

#include <algorithm>

#include "http/curl_handle.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

constexpr unsigned kUrlFlags = CURLU_DISALLOW_USER | CURLU_PATH_AS_IS;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw base::UsageError("unusable URL " + base::redacted_url(text) + ": " + std::string(why));
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags, std::string_view text) {
    char* value = nullptr;
    if (curl_url_get(url, part, &value, flags) != CURLUE_OK) {
        refuse(text, "it has no host");
    }
    std::string result(value);
    curl_free(value);
    return result;
}

void check_bytes(std::string_view text) {
    const bool bad = std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte >= 0x7f || c == '\\';
    });
    if (bad) {
        refuse(text, "it has control, blank, backslash or non-ASCII characters");
    }
}

/// "2130706433." and "127.1." are names to libcurl, and other addresses without their dot; so are
/// names with empty parts.
bool is_ambiguous_without_dot(std::string_view host) {
    const std::string_view last = host.substr(host.rfind('.') + 1);
    const std::string_view digits = last.starts_with("0x") ? "0123456789abcdefx" : "0123456789";
    return last.find_first_not_of(digits) == std::string_view::npos;
}

}  // namespace

Url Url::parse(std::string_view text) {
    check_bytes(text);
    if (text.find(":///") != std::string_view::npos) {
        refuse(text, "it has no host");  // libcurl would take the path for one
    }
    const UrlHandle handle(curl_url());
    const std::string copy(text);
    const CURLUcode code = curl_url_set(handle.get(), CURLUPART_URL, copy.c_str(), kUrlFlags);
    if (code == CURLUE_USER_NOT_ALLOWED) {
        refuse(text, "it names a user");
    }
    if (code != CURLUE_OK) {
        refuse(text, curl_url_strerror(code));
    }
    Url url;
    url.scheme_ = base::to_lower(part_of(handle.get(), CURLUPART_SCHEME, 0, text));
    if (url.scheme_ != "http" && url.scheme_ != "https") {
        refuse(text, "only http and https are spoken");
    }
    url.host_ = base::to_lower(part_of(handle.get(), CURLUPART_HOST, 0, text));
    if (url.host_.size() > 2 && url.host_.front() == '[') {
        url.host_ = url.host_.substr(1, url.host_.size() - 2);
    }
    if (url.host_.ends_with('.')) {
        url.host_.pop_back();
        if (is_ambiguous_without_dot(url.host_)) {
            refuse(text, "its host ends with a dot behind a number or another dot");
        }
    }
    if (url.host_.empty() || url.host_.find('%') != std::string::npos) {
        refuse(text, "its host is empty or encoded");
    }
    url.port_ = part_of(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT, text);
    (void)curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
    url.text_ = part_of(handle.get(), CURLUPART_URL, 0, text);
    return url;
}

Url Url::resolve(std::string_view reference) const {
    check_bytes(reference);
    const UrlHandle handle(curl_url());
    const std::string copy(reference);
    if (curl_url_set(handle.get(), CURLUPART_URL, text_.c_str(), kUrlFlags) != CURLUE_OK ||
        curl_url_set(handle.get(), CURLUPART_URL, copy.c_str(), kUrlFlags) != CURLUE_OK) {
        refuse(reference, "it does not resolve against " + base::redacted_url(text_));
    }
    return parse(part_of(handle.get(), CURLUPART_URL, 0, reference));
}

std::string Url::host_port() const {
    const bool is_ipv6 = host_.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host_ + "]" : host_) + ":" + port_;
}

std::string Url::origin() const {
    return scheme_ + "://" + host_port();
}

}  // namespace regtool::http
