#pragma once

#include <deque>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/copy_graph.hpp"
#include "ops/copy_root.hpp"
#include "regtool/base/guarded.hpp"

namespace regtool::ops {

/// The first half of a copy: looks at both sides and reads everything that goes over but blobs.
class CopyReader {
  public:
    CopyReader(const std::vector<CopyItem>& items,
               store::ImageTarget& target,
               const CopyOptions& options,
               ProgressListener& progress,
               std::stop_token stop);

    void run();

    /// One for each item, then those that its digest tags have added. Addresses stay.
    std::deque<CopyRoot> roots;
    CopyGraph graph;

    [[nodiscard]] std::vector<std::string> notes() const;

  private:
    using Roots = std::vector<CopyRoot*>;

    /// Side by side: where a name has the digest already, two requests are all.
    void look_at_both_sides(const Roots& some);
    void check_source(CopyRoot& root) const;
    /// Throws where the target's names forbid what goes over.
    void check_names(const CopyRoot& root) const;
    [[nodiscard]] bool keeps_digest() const;
    void read(const Roots& some);
    /// By the digest that was found: a name that moves meanwhile changes nothing (MAN-13).
    [[nodiscard]] model::Manifest read_found(const CopyRoot& root) const;
    /// The part of it that is asked for. Throws IntegrityError where that is not there.
    [[nodiscard]] model::Manifest read_root(const CopyRoot& root) const;
    void convert(CopyRoot& root);
    /// What has something that goes over as its subject, what has that, and so on.
    void add_referrers();
    void add_referrers_of(const model::Digest& subject,
                          store::ImageStore& source,
                          const std::vector<model::Descriptor>& listed);
    /// Names such as sha256-<hex>.sig in the source's repository, for everything that goes over.
    void add_digest_tags();

    store::ImageTarget& target_;
    const CopyOptions& options_;
    ProgressListener& progress_;
    std::stop_token stop_;
    GraphReader reader_;
    base::Guarded<std::set<std::string>> notes_;
};

}  // namespace regtool::ops
