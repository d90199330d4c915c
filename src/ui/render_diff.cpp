#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "entry_text.hpp"
#include "regtool/base/clock.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::ui {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownValueBytes = 160;
/// Of all rows together. GitHub refuses comments of more than 65536 characters; headings need some.
constexpr std::size_t kMarkdownBytes = 60'000;

/// One difference in words, the same for text and Markdown.
struct Line {
    char sign = '~';  ///< + only after, - only before, ~ both and different
    std::string name;
    std::string what;
};

template <class Value>
char sign_of(const Value& before, const Value& after) {
    if (before && after) {
        return '~';
    }
    return before ? '-' : '+';
}

std::string arrow(const std::string& before, const std::string& after) {
    return before + " -> " + after;
}

Line line_of(const ops::FieldChange& change) {
    const auto value = [](const std::optional<std::string>& text) {
        return base::printable(text.value_or(""), kShownValueBytes);
    };
    Line line{sign_of(change.before, change.after), base::printable(change.field), ""};
    if (line.sign == '~') {
        line.what = arrow(value(change.before), value(change.after));
    } else {
        line.what = value(change.before ? change.before : change.after);
    }
    return line;
}

std::string size_text(const ops::LayerEntryRow& row) {
    return row.type == '-' ? base::human_size(row.size) : std::string(type_name(row.type));
}

std::string owner_text(const ops::LayerEntryRow& row) {
    return fmt::format("{}:{}", row.uid, row.gid);
}

std::string describe(const std::string& what,
                     const ops::FileRow& before,
                     const ops::FileRow& after) {
    const ops::LayerEntryRow& a = before.entry;
    const ops::LayerEntryRow& b = after.entry;
    if (what == "type") {
        return "type " + arrow(std::string(type_name(a.type)), std::string(type_name(b.type)));
    }
    if (what == "content" && a.size != b.size) {
        return "content " + arrow(base::human_size(a.size), base::human_size(b.size));
    }
    if (what == "mode") {
        return "mode " + arrow(fmt::format("{:04o}", a.mode), fmt::format("{:04o}", b.mode));
    }
    if (what == "owner") {
        return "owner " + arrow(owner_text(a), owner_text(b));
    }
    if (what == "time" && a.mtime != b.mtime) {
        return "time " + arrow(base::format_rfc3339(a.mtime), base::format_rfc3339(b.mtime));
    }
    if (what == "target") {
        return "target " + arrow(base::printable(a.link_target), base::printable(b.link_target));
    }
    if (what == "links") {
        return "links " + arrow(std::to_string(before.links), std::to_string(after.links));
    }
    return what;
}

Line line_of(const ops::FileChange& change) {
    Line line{sign_of(change.before, change.after), base::printable(change.path), ""};
    if (line.sign != '~') {
        line.what = size_text((change.before ? change.before : change.after)->entry);
        return line;
    }
    for (const std::string& what : change.what) {
        line.what +=
            (line.what.empty() ? "" : ", ") + describe(what, *change.before, *change.after);
    }
    return line;
}

/// Architectures are told where they are what differs.
std::string versions_text(const std::vector<ops::Package>& packages, bool architectures) {
    std::string text;
    for (const ops::Package& package : packages) {
        text += (text.empty() ? "" : ", ") + base::printable(package.version);
        if (architectures) {
            text += " (" + base::printable(package.architecture) + ")";
        }
    }
    return text;
}

Line line_of(const ops::PackageChange& change) {
    const bool architectures =
        versions_text(change.before, false) == versions_text(change.after, false);
    const std::string before = versions_text(change.before, architectures);
    const std::string after = versions_text(change.after, architectures);
    Line line{sign_of(!change.before.empty(), !change.after.empty()),
              change.manager + " " + base::printable(change.name), before + after};
    if (line.sign == '~') {
        line.what = arrow(before, after);
    }
    return line;
}

/// Calls part(title, list) for each part that was compared.
template <class Part>
void for_each_part(const ops::DiffReport& report, const Part& part) {
    if (report.manifest) {
        part("manifest", *report.manifest);
    }
    if (report.config) {
        part("config", *report.config);
    }
    if (report.packages) {
        part("packages", *report.packages);
    }
    if (report.files) {
        part("files", *report.files);
    }
}

void show_text(Output& out, const ops::DiffReport& report) {
    if (report.same()) {
        return;
    }
    out.line("--- " + base::printable(report.before.reference) + " " + report.before.digest);
    out.line("+++ " + base::printable(report.after.reference) + " " + report.after.digest);
    for_each_part(report, [&out](const char* title, const auto& changes) {
        if (changes.empty()) {
            return;
        }
        out.line(fmt::format("{} ({})", title, changes.size()));
        for (const auto& change : changes) {
            const Line line = line_of(change);
            out.line(fmt::format("  {} {}  {}", line.sign, line.name, line.what));
        }
    });
}

/// Code in a table's cell: a fence longer than every run of backticks within, bars escaped.
std::string code(const std::string& text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    std::string inner;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
        inner += c == '|' ? "\\|" : std::string(1, c);
    }
    if (inner.empty()) {
        return "";
    }
    const std::string fence(longest + 1, '`');
    const std::string blank = longest > 0 ? " " : "";
    return fence + blank + inner + blank + fence;
}

std::string markdown_row(const Line& line) {
    return fmt::format("| {} | {} | {} |\n", code(std::string(1, line.sign)), code(line.name),
                       code(line.what));
}

/// As many rows as there is room for, which gets smaller by them.
template <class Change>
void show_markdown_part(Output& out,
                        const char* title,
                        const std::vector<Change>& changes,
                        std::size_t& room) {
    out.text(fmt::format(
        "\n<details><summary>{} ({})</summary>\n\n|  | name | change |\n|---|---|---|\n", title,
        changes.size()));
    std::size_t shown = 0;
    for (; shown < changes.size(); ++shown) {
        const std::string row = markdown_row(line_of(changes[shown]));
        if (row.size() > room) {
            break;
        }
        room -= row.size();
        out.text(row);
    }
    if (shown < changes.size()) {
        out.line(fmt::format("\n… and {} more", changes.size() - shown));
    }
    out.text("\n</details>\n");
}

Json to_json(const std::vector<ops::FieldChange>& changes) {
    Json list = Json::array();
    for (const ops::FieldChange& change : changes) {
        const auto value = [](const std::optional<std::string>& text) {
            return text ? Json::parse(*text) : Json();
        };
        Json json;
        json["field"] = change.field;
        json["before"] = value(change.before);
        json["after"] = value(change.after);
        list.push_back(std::move(json));
    }
    return list;
}

Json to_json(const std::vector<ops::FileChange>& changes) {
    Json list = Json::array();
    for (const ops::FileChange& change : changes) {
        const auto row = [](const std::optional<ops::FileRow>& side) {
            return side ? ui::to_json(side->entry) : Json();
        };
        Json json;
        put_name(json, "path", change.path);
        json["change"] = change.before ? change.after ? "changed" : "removed" : "added";
        json["what"] = change.what;
        json["before"] = row(change.before);
        json["after"] = row(change.after);
        list.push_back(std::move(json));
    }
    return list;
}

Json to_json(const std::vector<ops::PackageChange>& changes) {
    const auto versions = [](const std::vector<ops::Package>& packages) {
        Json list = Json::array();
        for (const ops::Package& package : packages) {
            list.push_back({{"version", package.version}, {"architecture", package.architecture}});
        }
        return list;
    };
    Json list = Json::array();
    for (const ops::PackageChange& change : changes) {
        Json json;
        json["manager"] = change.manager;
        json["name"] = change.name;
        json["before"] = versions(change.before);
        json["after"] = versions(change.after);
        list.push_back(std::move(json));
    }
    return list;
}

}  // namespace

void show(Output& out, const ops::DiffReport& report) {
    if (!out.structured()) {
        show_text(out, report);
        return;
    }
    Json json;
    json["same"] = report.same();
    json["before"] = {{"reference", report.before.reference}, {"digest", report.before.digest}};
    json["after"] = {{"reference", report.after.reference}, {"digest", report.after.digest}};
    for_each_part(report, [&json](const char* title, const auto& changes) {
        json[title] = to_json(changes);
    });
    json["notes"] = report.notes;
    out.object(json);
}

void show_markdown(Output& out, const ops::DiffReport& report) {
    out.line(fmt::format("### {} → {}\n", code(base::printable(report.before.reference)),
                         code(base::printable(report.after.reference))));
    out.text("| part | differences |\n|---|---:|\n");
    for_each_part(report, [&out](const char* title, const auto& changes) {
        out.line(fmt::format("| {} | {} |", title, changes.size()));
    });
    std::size_t room = kMarkdownBytes;
    for_each_part(report, [&out, &room](const char* title, const auto& changes) {
        if (!changes.empty()) {
            show_markdown_part(out, title, changes, room);
        }
    });
}

}  // namespace regtool::ui
