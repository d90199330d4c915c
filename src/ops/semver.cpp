#include "regtool/ops/semver.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ops {

namespace {

/// Version text of a range may leave parts out or write them as x, X or *.
struct Partial {
    Version version;
    int parts = 0;  ///< how many of major, minor, patch were given
    bool wildcard = false;
};

bool is_wildcard(std::string_view part) {
    return part == "x" || part == "X" || part == "*";
}

std::optional<Partial> parse_partial(std::string_view text) {
    Partial partial;
    if (!text.empty() && (text.front() == 'v' || text.front() == 'V')) {
        text.remove_prefix(1);
    }
    text = text.substr(0, text.find('+'));
    if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
        partial.version.prerelease = text.substr(dash + 1);
        if (partial.version.prerelease.empty()) {
            return std::nullopt;
        }
        text = text.substr(0, dash);
    }
    const std::vector<std::string_view> parts = base::split(text, '.');
    std::uint64_t* const fields[] = {&partial.version.major, &partial.version.minor,
                                     &partial.version.patch};
    if (text.empty() || parts.size() > std::size(fields)) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (is_wildcard(parts[i])) {
            partial.wildcard = true;
            return partial;
        }
        const auto number = base::parse_decimal(parts[i]);
        if (!number) {
            return std::nullopt;
        }
        *fields[i] = *number;
        ++partial.parts;
    }
    return partial;
}

/// The first version after everything that the partial stands for: 1.2 -> 1.3.0, 1 -> 2.0.0.
Version next_after(const Partial& partial) {
    Version next;
    next.major = partial.parts == 1 ? partial.version.major + 1 : partial.version.major;
    next.minor = partial.parts == 2 ? partial.version.minor + 1
                                    : (partial.parts == 3 ? partial.version.minor : 0);
    next.patch = partial.parts == 3 ? partial.version.patch + 1 : 0;
    next.prerelease = "0";
    return next;
}

Version caret_end(const Partial& partial) {
    const Version& v = partial.version;
    Version end;
    end.prerelease = "0";
    if (v.major > 0 || partial.parts <= 1) {
        end.major = v.major + 1;
    } else if (v.minor > 0 || partial.parts == 2) {
        end.minor = v.minor + 1;
    } else {
        end.patch = v.patch + 1;
    }
    return end;
}

std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
    const auto number_a = base::parse_decimal(a);
    const auto number_b = base::parse_decimal(b);
    if (number_a && number_b) {
        return *number_a <=> *number_b;
    }
    if (number_a.has_value() != number_b.has_value()) {
        return number_a ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    return a <=> b;
}

std::strong_ordering compare_prerelease(const std::string& a, const std::string& b) {
    if (a.empty() || b.empty()) {
        return a.empty() <=> b.empty() == 0 ? std::strong_ordering::equal
               : a.empty()                  ? std::strong_ordering::greater
                                            : std::strong_ordering::less;
    }
    const auto parts_a = base::split(a, '.');
    const auto parts_b = base::split(b, '.');
    for (std::size_t i = 0; i < std::min(parts_a.size(), parts_b.size()); ++i) {
        if (const auto order = compare_identifiers(parts_a[i], parts_b[i]); order != 0) {
            return order;
        }
    }
    return parts_a.size() <=> parts_b.size();
}

base::UsageError bad_range(std::string_view text) {
    base::UsageError error("'" + base::printable(text) + "' is no version range");
    error.add_context("ranges look like ^1.2, ~1.2.3, 1.x, '>=1.0 <2.0', '1.0 - 2.0', '^1 || ^2'");
    return error;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (const std::string_view word : base::split(text, ' ')) {
        if (!word.empty()) {
            words.push_back(word);
        }
    }
    return words;
}

std::string_view take_operator(std::string_view& text) {
    for (const std::string_view op : {">=", "<=", ">", "<", "=", "^", "~"}) {
        if (text.starts_with(op)) {
            text.remove_prefix(op.size());
            return op;
        }
    }
    return "";
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
    const auto partial = parse_partial(text);
    if (!partial || partial->parts == 0 || partial->wildcard) {
        return std::nullopt;
    }
    return partial->version;
}

std::strong_ordering Version::operator<=>(const Version& other) const {
    if (const auto order = major <=> other.major; order != 0) {
        return order;
    }
    if (const auto order = minor <=> other.minor; order != 0) {
        return order;
    }
    if (const auto order = patch <=> other.patch; order != 0) {
        return order;
    }
    return compare_prerelease(prerelease, other.prerelease);
}

bool Version::operator==(const Version& other) const {
    return (*this <=> other) == 0;
}

void VersionRange::add_comparator(std::string_view text, std::vector<Bound>& bounds) {
    const std::string_view whole = text;
    const std::string_view op = take_operator(text);
    const auto partial = parse_partial(text);
    if (!partial) {
        throw bad_range(whole);
    }
    const Version& version = partial->version;
    if (op == ">=") {
        bounds.push_back({Operator::greater_equal, version});
    } else if (op == "<") {
        bounds.push_back({Operator::less, version});
    } else if (op == ">") {
        bounds.push_back(partial->parts == 3
                             ? Bound{Operator::greater, version}
                             : Bound{Operator::greater_equal, next_after(*partial)});
    } else if (op == "<=") {
        bounds.push_back(partial->parts == 3 ? Bound{Operator::less_equal, version}
                                             : Bound{Operator::less, next_after(*partial)});
    } else if (partial->parts == 0) {
        bounds.push_back({Operator::greater_equal, Version{}});
    } else if (op == "^") {
        bounds.push_back({Operator::greater_equal, version});
        bounds.push_back({Operator::less, caret_end(*partial)});
    } else if (op == "~") {
        Partial upper = *partial;
        upper.parts = std::min(upper.parts, 2);
        bounds.push_back({Operator::greater_equal, version});
        bounds.push_back({Operator::less, next_after(upper)});
    } else if (partial->parts == 3) {
        bounds.push_back({Operator::equal, version});
    } else {
        bounds.push_back({Operator::greater_equal, version});
        bounds.push_back({Operator::less, next_after(*partial)});
    }
}

VersionRange VersionRange::parse(std::string_view text) {
    VersionRange range;
    std::string_view rest = text;
    for (bool more = true; more;) {
        const std::size_t bar = rest.find("||");
        const std::vector<std::string_view> words = words_of(rest.substr(0, bar));
        more = bar != std::string_view::npos;
        rest.remove_prefix(more ? bar + 2 : rest.size());
        if (words.empty()) {
            throw bad_range(text);
        }
        std::vector<Bound> bounds;
        if (words.size() == 3 && words[1] == "-") {
            range.add_comparator(">=" + std::string(words[0]), bounds);
            range.add_comparator("<=" + std::string(words[2]), bounds);
        } else {
            for (const std::string_view word : words) {
                range.add_comparator(word, bounds);
            }
        }
        range.alternatives_.push_back(std::move(bounds));
    }
    return range;
}

bool VersionRange::contains(const Version& version) const {
    const auto holds = [&version](const Bound& bound) {
        switch (bound.op) {
            case Operator::less:
                return version < bound.version;
            case Operator::less_equal:
                return version <= bound.version;
            case Operator::greater:
                return version > bound.version;
            case Operator::greater_equal:
                return version >= bound.version;
            case Operator::equal:
                return version == bound.version;
        }
        return false;
    };
    const auto names_prerelease = [&version](const Bound& bound) {
        const Version& v = bound.version;
        return !v.prerelease.empty() && v.major == version.major && v.minor == version.minor &&
               v.patch == version.patch && v.prerelease != "0";
    };
    return std::any_of(alternatives_.begin(), alternatives_.end(),
                       [&](const std::vector<Bound>& bounds) {
                           return std::all_of(bounds.begin(), bounds.end(), holds) &&
                                  (version.prerelease.empty() ||
                                   std::any_of(bounds.begin(), bounds.end(), names_prerelease));
                       });
}

}  // namespace regtool::ops
