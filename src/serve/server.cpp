#include "regtool/serve/server.hpp"

#include <sys/resource.h>

#include <array>
#include <condition_variable>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

#include "regtool/base/clock.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/reference.hpp"
#include "serve/front.hpp"
#include "serve/handler.hpp"
#include "serve/htpasswd.hpp"
#include "serve/image_name.hpp"
#include "serve/listen_address.hpp"
#include "serve/microhttpd.hpp"
#include "serve/storage.hpp"

namespace regtool::serve {

namespace {

// Bounds on what clients can take of this machine.
constexpr unsigned kMostConnections = 256;  ///< each is one thread
constexpr unsigned kIdleSeconds = 60;       ///< without a byte in either direction
constexpr std::size_t kConnectionBytes =
    std::size_t{128} << 10;  ///< a request's head, and the blocks that a body is read in
constexpr std::size_t kThreadStackBytes = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kGraceOfStop{700};
constexpr std::size_t kMaxConfigFileBytes = std::size_t{1} << 20;
constexpr rlim_t kWantedFiles = 65536;  ///< blobs in memory are open files

void allow_many_files() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kWantedFiles) {
        limit.rlim_cur = std::min(limit.rlim_max, kWantedFiles);
        (void)::setrlimit(RLIMIT_NOFILE, &limit);  // with fewer it still works, for fewer blobs
    }
}

std::string default_repository(const ServerOptions& options) {
    if (!options.repository.empty()) {
        if (!model::is_valid_repository_path(options.repository)) {
            throw base::UsageError("--repository " + base::printable(options.repository, 200) +
                                   ": is no repository name");
        }
        return options.repository;
    }
    if (options.root == kMemoryRoot) {
        return "images";
    }
    std::error_code ignored;
    std::filesystem::path folder = std::filesystem::weakly_canonical(options.root, ignored);
    if (folder.filename().empty()) {
        folder = folder.parent_path();
    }
    return repository_of_folder(folder.filename().string());
}

std::unique_ptr<Storage> open_storage(const ServerOptions& options,
                                      std::stop_token stop,
                                      base::Log& log) {
    if (options.root == kMemoryRoot) {
        return make_memory_storage(options.memory_limit_bytes);
    }
    return open_folder_storage(options.root, options.read_only, std::move(stop), log);
}

std::optional<Htpasswd> read_users(const ServerOptions& options) {
    if (options.htpasswd.empty()) {
        return std::nullopt;
    }
    return Htpasswd::parse(base::read_file(options.htpasswd, kMaxConfigFileBytes),
                           options.htpasswd);
}

void warn_of_openness(const ServerOptions& options, const ListenAddress& address, base::Log& log) {
    if (address.is_loopback()) {
        return;
    }
    if (options.htpasswd.empty()) {
        log.warn(options.read_only
                     ? "everybody who reaches " + address.str() + " can read all of this registry"
                     : "everybody who reaches " + address.str() +
                           " can read, change and delete all of this registry; --htpasswd FILE "
                           "asks for a password, --read-only allows no changes");
    } else if (options.tls_cert.empty()) {
        log.warn(
            "passwords cross the network as plain text; --tls-cert and --tls-key protect them");
    }
}

}  // namespace

struct Server::State {
    State(ServerOptions wanted, base::Log& messages)
        : options(std::move(wanted)),
          log(messages),
          mhd(load_microhttpd()),
          address(parse_listen_address(options.listen)),
          storage(open_storage(options, stopping.get_token(), log)),
          handler(*storage,
                  {default_repository(options), options.read_only, options.max_blob_bytes},
                  clock,
                  stopping.get_token(),
                  log),
          front(mhd, handler, read_users(options), log) {}

    static void on_message(void* self, const char* format, va_list arguments) noexcept;
    void start();

    ServerOptions options;
    base::Log& log;
    MicroHttpd mhd;
    base::SystemClock clock;
    std::stop_source stopping;
    ListenAddress address;
    std::unique_ptr<Storage> storage;
    Handler handler;
    Front front;
    std::string certificate;
    std::string key;
    std::string priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    base::Guarded<std::string> last_message;
    base::UniqueFd listener;
    MHD_Daemon* daemon = nullptr;
};

void Server::State::on_message(void* self, const char* format, va_list arguments) noexcept {
    auto& state = *static_cast<State*>(self);
    try {
        std::array<char, 1024> text{};
        (void)std::vsnprintf(text.data(), text.size(), format, arguments);
        std::string message = base::printable(base::trim(text.data()));
        state.log.trace("libmicrohttpd: " + message);
        state.last_message.with([&](std::string& last) { last = std::move(message); });
    } catch (...) {  // a message less
        return;
    }
}

void Server::State::start() {
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                     MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    // The library takes pointers as they are.
    const auto pointer = [](auto function) { return reinterpret_cast<intptr_t>(function); };
    std::vector<MHD_OptionItem> list{
        {MHD_OPTION_EXTERNAL_LOGGER, pointer(&State::on_message), this},
        {MHD_OPTION_LISTEN_SOCKET, listener.get(), nullptr},
        {MHD_OPTION_CONNECTION_LIMIT, kMostConnections, nullptr},
        {MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, nullptr},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, nullptr},
        {MHD_OPTION_THREAD_STACK_SIZE, kThreadStackBytes, nullptr},
        {MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, nullptr},
        {MHD_OPTION_URI_LOG_CALLBACK, pointer(&Front::on_target), &front},
        {MHD_OPTION_NOTIFY_COMPLETED, pointer(&Front::on_completed), &front},
    };
    if (!options.tls_cert.empty()) {
        certificate = base::read_file(options.tls_cert, kMaxConfigFileBytes);
        key = base::read_file(options.tls_key, kMaxConfigFileBytes);
        flags |= MHD_USE_TLS;
        list.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, certificate.data()});
        list.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, key.data()});
        list.push_back({MHD_OPTION_HTTPS_PRIORITIES, 0, priorities.data()});
    }
    list.push_back({MHD_OPTION_END, 0, nullptr});
    daemon = mhd.start_daemon(flags, 0, nullptr, nullptr, &Front::on_request, &front,
                              MHD_OPTION_ARRAY, list.data(), MHD_OPTION_END);
    if (daemon == nullptr) {
        const std::string why = last_message.with([](const std::string& last) { return last; });
        throw base::UsageError("the server does not start: " +
                               (why.empty() ? "libmicrohttpd says no reason" : why));
    }
}

Server::Server(ServerOptions options, base::Log& log) {
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        throw base::UsageError("--tls-cert and --tls-key belong together");
    }
    allow_many_files();
    state_ = std::make_unique<State>(std::move(options), log);
    warn_of_openness(state_->options, state_->address, log);
    state_->listener = open_listener(state_->address);
    state_->start();
}

Server::~Server() {
    stop();
}

std::string Server::address() const {
    return state_->address.str();
}

std::string Server::url() const {
    return (state_->options.tls_cert.empty() ? "http://" : "https://") + address();
}

std::uint16_t Server::port() const noexcept {
    return state_->address.port;
}

void Server::run(const std::stop_token& stop_asked) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    (void)never.wait(lock, stop_asked, [] { return false; });
    stop();
}

void Server::stop() noexcept {
    MHD_Daemon* const daemon = std::exchange(state_->daemon, nullptr);
    if (daemon == nullptr) {
        return;
    }
    (void)state_->mhd.quiesce_daemon(daemon);  // the socket is ours, and closed below
    state_->listener = base::UniqueFd();
    const auto deadline = state_->clock.monotonic() + kGraceOfStop;
    const std::stop_token none;
    while (state_->front.active() > 0 && state_->clock.monotonic() < deadline) {
        (void)state_->clock.sleep_for(std::chrono::milliseconds(10), none);
    }
    state_->stopping.request_stop();
    state_->mhd.stop_daemon(daemon);
}

}  // namespace regtool::serve
