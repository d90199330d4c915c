#include "cli/deletion.hpp"

#include <algorithm>

#include "regtool/base/text.hpp"
#include "regtool/ops/deleter.hpp"
#include "regtool/ops/layout_deleter.hpp"
#include "regtool/store/open_store.hpp"

namespace regtool::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) {
        list += (list.empty() ? "" : ", ") + word;
    }
    return list;
}

/// What a person should know before saying yes.
std::vector<std::string> facts_of(const ops::DeleteReport& plan) {
    std::vector<std::string> facts;
    if (!plan.tags.empty()) {
        facts.push_back("tags that go with it: " + joined(plan.tags));
    }
    if (!plan.tags_unknown.empty()) {
        facts.push_back("there may be more tags: " + base::printable(plan.tags_unknown));
    }
    for (const std::string& question : plan.unknown) {
        facts.push_back("could not be found out: " + base::printable(question));
    }
    if (!plan.used_by.empty()) {
        facts.push_back(
            (plan.in_layout ? "indexes that keep it as a part: " : "indexes that would lose it: ") +
            joined(plan.used_by));
    }
    if (!plan.referrers.empty()) {
        facts.push_back("what refers to it and stays: " + std::to_string(plan.referrers.size()) +
                        " manifests");
    }
    return facts;
}

/// Warns of what `facts` has and `said` has not.
void warn_of_facts(Session& session,
                   const std::vector<std::string>& facts,
                   const std::vector<std::string>& said) {
    for (const std::string& fact : facts) {
        if (std::find(said.begin(), said.end(), fact) == said.end()) {
            session.log().warn(fact);
        }
    }
}

/// Plans, asks and does it.
template <class Deletion>
base::ExitCode delete_when_confirmed(Deletion& deletion,
                                     const DeletionFlags& flags,
                                     Session& session) {
    const ops::DeleteReport plan = deletion.plan(session.stop());
    const std::vector<std::string> facts = facts_of(plan);
    confirm("delete " + plan.reference, facts, flags.yes, session.stop());
    if (flags.yes) {
        warn_of_facts(session, facts, {});
    }
    const ops::DeleteReport done = deletion.run(session.stop());
    warn_of_facts(session, facts_of(done), facts);
    ui::show(session.out(), done);
    return base::ExitCode::ok;
}

}  // namespace

void add_deletion_flags(Arguments& app, DeletionFlags& flags) {
    app.add_flag("-y,--yes", flags.yes, "Do not ask");
    app.add_flag("--ignore-missing", flags.ignore_missing, "Exit code 0 when it is not there");
}

base::ExitCode allow_missing(const DeletionFlags& flags,
                             Session& session,
                             const std::function<base::ExitCode()>& work) {
    try {
        return work();
    } catch (const base::NotFound& error) {
        if (!flags.ignore_missing) {
            throw;
        }
        session.log().info(error.message());
        return base::ExitCode::ok;
    }
}

store::Location deletable_location(const std::string& image) {
    using store::Transport;
    store::Location location = store::parse_location(image);
    if (location.transport != Transport::registry && location.transport != Transport::layout) {
        base::UsageError error("nothing can be deleted from " + location.place() +
                               ": it is written once, as a whole");
        error.set_hint(location.transport == Transport::folder
                           ? "rm -r " + base::printable(location.path)
                           : "copy what shall stay into an oci: folder, and remove the file");
        throw error;
    }
    return location;
}

base::ExitCode delete_image(const std::string& image,
                            const DeletionFlags& flags,
                            Session& session) {
    const store::Location location = deletable_location(image);
    if (location.transport == store::Transport::layout) {
        ops::LayoutDeletion deletion(session.open(image), location);
        return delete_when_confirmed(deletion, flags, session);
    }
    ops::ManifestDeletion deletion(session.named_registry(), store::registry_reference(image));
    return delete_when_confirmed(deletion, flags, session);
}

}  // namespace regtool::cli
