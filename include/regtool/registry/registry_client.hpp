#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "regtool/base/clock.hpp"
#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"
#include "regtool/http/retry.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/model/reference.hpp"
#include "regtool/registry/endpoint.hpp"
#include "regtool/registry/locations.hpp"
#include "regtool/stream/source.hpp"
#include "regtool/stream/verify.hpp"

namespace regtool::registry {

/// What a HEAD of a manifest says. `digest` and `size` may be missing: registries forget them
/// (MAN-06).
struct ManifestHead {
    std::optional<model::Digest> digest;
    std::string media_type;
    std::optional<std::uint64_t> size;  ///< bytes
};

struct BlobHead {
    std::optional<std::uint64_t>
        size;  ///< bytes; missing Content-Length is unknown, not 0 (BLB-02)
    std::string media_type;
    bool accepts_ranges = false;
};

struct TagsOptions {
    std::uint64_t page_size = 0;  ///< 0: the registry's own
    std::string last;             ///< start after this tag
};

/// Bytes [first, last] of a blob, `last` absent for "to the end".
struct ByteRange {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> last;
};

/// Told about bytes as they arrive; called from the thread that transfers, must be cheap.
using BytesArrived = std::function<void(std::uint64_t bytes)>;

/// Opens a blob's bytes from `first` on, anew for each attempt. Bytes read from 0 to the end are
/// verified by the source: it reports its end only when they are right.
using BlobReader = std::function<std::unique_ptr<stream::Source>(std::uint64_t first)>;

/// An upload that a registry has opened and waits for the bytes of.
struct UploadSession {
    std::string location;         ///< absolute; changes with every answer (UPL-05)
    std::string named_by;         ///< the URL whose answer named it
    std::uint64_t min_chunk = 0;  ///< bytes (OCI-Chunk-Min-Length)
};

/// What a tag stood for before it is put anew; nullopt: there was none.
struct TagBefore {
    std::optional<model::Digest> digest;
};

/// What became of the wish to mount a blob. A session comes with a polite no: it is to be uploaded
/// to or cancelled (MNT-02).
struct MountAnswer {
    bool mounted = false;
    std::optional<UploadSession> session;
};

class ReferrersList;

/// The distribution specification as typed calls, for any registry. Thread-safe. Maps answers to
/// errors: 404 to NotFound (or nullopt where absence is an answer), 401/403 to AccessDenied with a
/// login hint, 429 to RegistryError of kind limited, everything else to RegistryError, each with
/// the registry's own words. Bytes that were asked for by digest are verified before they count.
/// What it is given must outlive it.
class RegistryClient {
  public:
    RegistryClient(http::HttpClient& http,
                   Endpoints& endpoints,
                   base::Clock& clock,
                   base::Random& random,
                   base::Log& log);

    /// By digest the bytes must hash to it (exit 7); by tag a Docker-Content-Digest must agree with
    /// the bytes (DIG-07, DIG-08). Throws NotFound.
    [[nodiscard]] model::Manifest manifest(const model::Reference& reference, std::stop_token stop);
    /// A child of an index: digest, size and media type are the parent's.
    [[nodiscard]] model::Manifest manifest(const model::Repository& repository,
                                           const model::Descriptor& expected,
                                           std::stop_token stop);
    /// nullopt for a 404. HEAD, with GET where HEAD is refused (MAN-06, MAN-08).
    [[nodiscard]] std::optional<ManifestHead> manifest_head(const model::Reference& reference,
                                                            std::stop_token stop);
    /// HEAD, with GET + hash when the registry sends no digest. Throws NotFound.
    [[nodiscard]] model::Descriptor resolve(const model::Reference& reference,
                                            std::stop_token stop);

    struct Resolved {
        std::size_t index;  ///< position in `references`
        std::variant<model::Descriptor, std::exception_ptr> result;
    };

    /// Many resolutions over the metadata lane; `done` is called on this thread in order of
    /// completion.
    void resolve_many(const std::vector<model::Reference>& references,
                      const std::function<void(Resolved)>& done,
                      std::stop_token stop);

    /// Puts the manifest's very bytes under the reference's tag or digest; the digest that the
    /// registry then has is checked against ours (PUT-03…05). One that has a subject is added to
    /// the subject's list of referrers where the registry does not keep it (RFR-07…10). Where the
    /// answer is lost, HEADs by digest and by tag settle what became of it before it is put again
    /// (PUT-11). Throws PreconditionError for an immutable tag, and for one that is found with a
    /// digest that is neither ours nor that of `before`, in place of putting it again.
    void put_manifest(const model::Reference& reference,
                      const model::Manifest& manifest,
                      std::stop_token stop,
                      const std::optional<TagBefore>& before = std::nullopt);
    /// DELETE of a manifest by digest or of a tag (DEL-01, DEL-02). Throws NotFound.
    void delete_manifest(const model::Reference& reference, std::stop_token stop);

    /// What names `subject` as its subject, in the registry's words: by its API, or where it has
    /// none by the tag that clients keep (RFR-01…06). `artifact_type` empty: all. Whoever relies on
    /// an entry reads the manifest (T-42).
    [[nodiscard]] std::vector<model::Descriptor> referrers(const model::Repository& repository,
                                                           const model::Digest& subject,
                                                           std::string_view artifact_type,
                                                           std::stop_token stop);
    /// Takes a deleted referrer off the list that clients keep, where the registry keeps none
    /// (RFR-11).
    void forget_referrer(const model::Repository& repository,
                         const model::Digest& subject,
                         const model::Digest& referrer,
                         std::stop_token stop);

    /// nullopt for a 404.
    [[nodiscard]] std::optional<BlobHead> blob_head(const model::Repository& repository,
                                                    const model::Digest& digest,
                                                    std::stop_token stop);
    /// What the repository itself has of these, mirrors left aside: one answer for each, in order,
    /// nullopt for a 404. Asked side by side over the metadata lane (UPL-01).
    [[nodiscard]] std::vector<std::optional<BlobHead>> blob_heads(
        const model::Repository& repository,
        std::span<const model::Digest> digests,
        std::stop_token stop);
    [[nodiscard]] std::vector<std::optional<ManifestHead>> manifest_heads(
        const model::Repository& repository,
        std::span<const model::Digest> digests,
        std::stop_token stop);
    /// What a name stands for at the place that would be written to, mirrors left aside; nullopt
    /// for a 404.
    [[nodiscard]] std::optional<model::Descriptor> current(const model::Reference& reference,
                                                           std::stop_token stop);

    /// DELETE of a blob (DEL-05). Throws NotFound.
    void delete_blob(const model::Repository& repository,
                     const model::Digest& digest,
                     std::stop_token stop);

    /// Asks the registry to take a blob over from another of its repositories without moving bytes
    /// (MNT-01). Not mounted means: upload it (MNT-04).
    [[nodiscard]] MountAnswer mount_blob(const model::Repository& from,
                                         const model::Repository& to,
                                         const model::Digest& digest,
                                         std::stop_token stop);
    /// Uploads a blob: in one PUT, or in chunks that are resumed where the registry has stopped,
    /// where it or the network takes no more at once (UPL-02…25). `session` is one that a mount
    /// left behind. The upload is cancelled when it fails. `arrived` hears of each byte once. Runs
    /// on the calling thread. Throws IntegrityError where the source is not what was announced.
    void put_blob(const model::Repository& repository,
                  const model::Digest& digest,
                  std::uint64_t size,
                  const BlobReader& read,
                  std::stop_token stop,
                  const BytesArrived& arrived = {},
                  std::optional<UploadSession> session = std::nullopt);
    /// Tells the registry that nothing more will come (UPL-18). Best effort, within a second.
    void cancel_upload(const model::Repository& repository, const UploadSession& session) noexcept;
    /// Streams the whole blob into `sink`, verified; a broken transfer is resumed with Range within
    /// the call and the hash goes on (BLB-03…06, F-07…F-09). Returns the number of bytes. Runs on
    /// the calling thread. `held` are the first bytes, which `sink` has from an earlier run: they
    /// are hashed anew and only the rest is asked for (BLB-08).
    std::uint64_t fetch_blob(const model::Repository& repository,
                             const stream::Expectation& expected,
                             stream::Sink& sink,
                             std::stop_token stop,
                             const BytesArrived& arrived = {},
                             stream::Source* held = nullptr);

    /// From now on whole blobs are read over this many connections at once, where the registry
    /// serves ranges: for servers that limit each connection. 1 is the default; kDecideRanges
    /// begins with one and goes on with four where one turns out to be the limit. Call before the
    /// client is shared between threads.
    static constexpr int kDecideRanges = 0;

    void use_parallel_ranges(int connections) noexcept { parallel_ranges_ = connections; }

    /// How often a blob whose transfer broke is gone on with when nothing comes of it; 4 is the
    /// default. Call before the client is shared between threads.
    void use_retries(int retries) noexcept { retries_ = retries; }

    /// From now on images are read from where this says: mirrors in their order, then the primary
    /// (MIR-03…06). What is written always goes to the repository as named. Call before the client
    /// is shared between threads.
    void use_locations(Locate locate) { locate_ = std::move(locate); }

    /// The same to pull from; a thread of its own transfers ahead by one pipe.
    [[nodiscard]] std::unique_ptr<stream::Source> open_blob(const model::Repository& repository,
                                                            const stream::Expectation& expected,
                                                            const BytesArrived& arrived = {});
    /// Part of a blob, not verified (BLB-12). Throws RegistryError when the registry does not
    /// honour Range.
    void fetch_blob_range(const model::Repository& repository,
                          const model::Digest& digest,
                          ByteRange range,
                          stream::Sink& sink,
                          std::stop_token stop);

    /// All pages as they come (LST-01…08); `page` returns false to stop. Throws NotFound.
    void tags(const model::Repository& repository,
              const TagsOptions& options,
              const std::function<bool(std::vector<std::string>)>& page,
              std::stop_token stop);
    /// The same for `/v2/_catalog` (LST-12, LST-13).
    void catalog(const model::RegistryHost& registry,
                 const TagsOptions& options,
                 const std::function<bool(std::vector<std::string>)>& page,
                 std::stop_token stop);

    /// GET /v2/ with whatever credentials apply; throws as everything else. For `login` and
    /// `doctor`.
    [[nodiscard]] http::HttpResponse ping(const model::RegistryHost& registry,
                                          std::stop_token stop);

    /// Any request below the registry's origin, for `api`: answers are returned whatever their
    /// status.
    [[nodiscard]] http::HttpClient& http() noexcept { return http_; }

    [[nodiscard]] Endpoints& endpoints() noexcept { return endpoints_; }

  private:
    http::HttpClient& http_;
    Endpoints& endpoints_;
    base::Clock& clock_;
    base::Random& random_;
    base::Log& log_;
    int parallel_ranges_ = 1;
    int retries_ = 4;
    Locate locate_;
    std::mutex referrers_lists_;  ///< held while one is read and written

    /// Tries the mirrors, then the primary, with `read(repository)`; a mirror's failure or empty
    /// answer leads to the next.
    template <class Read>
    [[nodiscard]] auto read_located(const model::Repository& repository,
                                    bool by_digest,
                                    const Read& read);
    /// `may_go_on()` false makes a mirror's failure final.
    template <class Read, class MayGoOn>
    [[nodiscard]] auto read_located(const model::Repository& repository,
                                    bool by_digest,
                                    const Read& read,
                                    const MayGoOn& may_go_on);
    [[nodiscard]] model::Manifest manifest_at(const model::Reference& reference,
                                              const std::stop_token& stop);
    [[nodiscard]] model::Manifest child_at(const model::Repository& repository,
                                           const model::Descriptor& expected,
                                           const std::stop_token& stop);
    [[nodiscard]] std::optional<ManifestHead> manifest_head_at(const model::Reference& reference,
                                                               const std::stop_token& stop);
    [[nodiscard]] std::optional<ManifestHead> manifest_head_from(
        const http::HttpResponse& head_answer,
        const model::Reference& reference,
        const std::stop_token& stop);
    [[nodiscard]] model::Descriptor described(const model::Reference& reference,
                                              const std::stop_token& stop);
    [[nodiscard]] model::Descriptor resolve_at(const model::Reference& reference,
                                               const std::stop_token& stop);
    /// nullopt where the registry has no such API (RFR-02).
    [[nodiscard]] std::optional<std::vector<model::Descriptor>> referrers_by_api(
        const model::Repository& repository,
        const model::Digest& subject,
        std::string_view artifact_type,
        const std::stop_token& stop);
    void list_referrer(const model::Repository& repository,
                       const model::Manifest& manifest,
                       const std::optional<http::HttpResponse>& put_answer,
                       const std::stop_token& stop);
    void edit_referrers_list(const model::Reference& tag,
                             const std::function<bool(ReferrersList&)>& edit,
                             const std::stop_token& stop);
    [[nodiscard]] std::optional<BlobHead> blob_head_at(const model::Repository& repository,
                                                       const model::Digest& digest,
                                                       const std::stop_token& stop);
    [[nodiscard]] std::uint64_t fetch_blob_at(const model::Repository& repository,
                                              const stream::Expectation& expected,
                                              stream::Sink& sink,
                                              const std::stop_token& stop,
                                              const BytesArrived& arrived,
                                              stream::Source* held);
    void fetch_blob_range_at(const model::Repository& repository,
                             const model::Digest& digest,
                             ByteRange range,
                             stream::Sink& sink,
                             const std::stop_token& stop);
};

}  // namespace regtool::registry
