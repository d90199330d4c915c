#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <type_traits>

namespace regtool::http {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* handle) const noexcept {
        Free(handle);
    }
};

using HeaderList = std::unique_ptr<curl_slist, FreeWith<curl_slist_free_all>>;
using UrlHandle = std::unique_ptr<CURLU, FreeWith<curl_url_cleanup>>;

/// Initialises libcurl once for the process; keep one alive while handles exist.
void initialise_curl();

/// An easy handle with options whose types are checked while compiling: C's varargs take an int
/// where a long is read, and the compiler says nothing. The only caller of curl_easy_setopt. One
/// thread at a time.
class CurlHandle {
  public:
    CurlHandle();

    template <CURLoption Option, class Value>
    void set(Value value) {
        constexpr int kind = Option / 10000;
        if constexpr (kind == CURLOPTTYPE_LONG / 10000) {
            static_assert(std::is_same_v<Value, long>, "this option takes a long");
        } else if constexpr (kind == CURLOPTTYPE_OFF_T / 10000) {
            static_assert(std::is_same_v<Value, curl_off_t>, "this option takes a curl_off_t");
        } else {
            static_assert(std::is_pointer_v<Value> || std::is_null_pointer_v<Value>,
                          "this option takes a pointer");
        }
        check(curl_easy_setopt(handle_.get(), Option, value));
    }

    template <CURLoption Option>
    void set(const std::string& value) {
        set<Option>(value.c_str());
    }

    template <CURLINFO Info>
    [[nodiscard]] long get_long() const {
        long value = 0;
        return curl_easy_getinfo(handle_.get(), Info, &value) == CURLE_OK ? value : 0;
    }

    template <CURLINFO Info>
    [[nodiscard]] std::string get_text() const {
        char* value = nullptr;
        return curl_easy_getinfo(handle_.get(), Info, &value) == CURLE_OK && value != nullptr
                   ? value
                   : "";
    }

    /// Forgets all options; connections, sessions and names stay.
    void reset() noexcept { curl_easy_reset(handle_.get()); }

    [[nodiscard]] CURL* get() const noexcept { return handle_.get(); }

  private:
    static void check(CURLcode code);
    std::unique_ptr<CURL, FreeWith<curl_easy_cleanup>> handle_;
};

/// A multi handle: transfers that share connections, driven by one thread. `wake` may be called
/// from any.
class CurlMulti {
  public:
    CurlMulti();
    ~CurlMulti() = default;
    CurlMulti(const CurlMulti&) = delete;
    CurlMulti& operator=(const CurlMulti&) = delete;
    CurlMulti(CurlMulti&&) = delete;
    CurlMulti& operator=(CurlMulti&&) = delete;

    void limit_connections(long per_host);
    void add(CurlHandle& handle);
    void remove(CurlHandle& handle) noexcept;
    /// Moves all transfers on; returns how many still run.
    int perform();
    /// Waits for something to do, at most so long.
    void wait(int timeout_ms);
    void wake() noexcept;

    struct Finished {
        CURL* handle = nullptr;
        CURLcode code = CURLE_OK;
    };

    /// The next transfer that ended; handle is null when there is none.
    [[nodiscard]] Finished next_finished();

  private:
    std::unique_ptr<CURLM, FreeWith<curl_multi_cleanup>> handle_;
};

}  // namespace regtool::http
