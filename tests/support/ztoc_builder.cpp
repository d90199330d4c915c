#include "ztoc_builder.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>

#include "regtool/base/clock.hpp"
#include "regtool/model/digest.hpp"
#include "regtool/stream/checkpoint.hpp"

namespace regtool::test {

namespace {

void put(std::string& out, std::size_t place, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        out.at(place + i) = static_cast<char>(number >> (8 * i));
    }
}

std::size_t append(std::string& out, std::uint64_t number, std::size_t bytes) {
    const std::size_t place = out.size();
    out.append(bytes, '\0');
    put(out, place, number, bytes);
    return place;
}

void align(std::string& out, std::size_t to) {
    out.append((to - out.size() % to) % to, '\0');
}

/// Writes something behind what is there and returns where it is.
using Child = std::function<std::size_t(std::string& out)>;

/// A field of a table: a number of so many bytes, or something that an offset leads to.
struct Field {
    std::size_t bytes = 0;  ///< 0: absent
    std::uint64_t number = 0;
    Child child{};
};

Field int64(std::int64_t number) {
    return {8, static_cast<std::uint64_t>(number), {}};
}

Field int32(std::int64_t number) {
    return {4, static_cast<std::uint32_t>(number), {}};
}

Field leads_to(Child child) {
    return {4, 0, std::move(child)};
}

void lead(std::string& out, std::size_t place, const Child& child) {
    const std::size_t to = child(out);
    put(out, place, to - place, 4);
}

Child text(const std::string& bytes) {
    return [bytes](std::string& out) {
        align(out, 4);
        const std::size_t place = append(out, bytes.size(), 4);
        out += bytes;
        out += '\0';
        return place;
    };
}

Child vector(const std::vector<Child>& elements) {
    return [elements](std::string& out) {
        align(out, 4);
        const std::size_t place = append(out, elements.size(), 4);
        out.append(4 * elements.size(), '\0');
        for (std::size_t i = 0; i < elements.size(); ++i) {
            lead(out, place + 4 + 4 * i, elements[i]);
        }
        return place;
    };
}

Child table(const std::vector<Field>& fields) {
    return [fields](std::string& out) {
        align(out, 8);
        const std::size_t slots = out.size();
        out.append(4 + 2 * fields.size(), '\0');
        align(out, 8);
        const std::size_t place = append(out, out.size() - slots, 4);
        std::vector<std::pair<std::size_t, const Child*>> children;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const Field& field = fields[i];
            if (field.bytes != 0) {
                align(out, field.bytes);
                put(out, slots + 4 + 2 * i, out.size() - place, 2);
                const std::size_t at = append(out, field.number, field.bytes);
                if (field.child) {
                    children.emplace_back(at, &field.child);
                }
            }
        }
        put(out, slots, 4 + 2 * fields.size(), 2);
        put(out, slots + 2, out.size() - place, 2);
        for (const auto& [at, child] : children) {
            lead(out, at, *child);
        }
        return place;
    };
}

std::string document(const Child& root) {
    std::string out(4, '\0');
    lead(out, 0, root);
    return out;
}

Child file_table(const ZtocFile& file) {
    std::vector<Child> pax;
    for (const auto& [key, value] : file.pax) {
        pax.push_back(table({leads_to(text(key)), leads_to(text(value))}));
    }
    return table({leads_to(text(file.name)), leads_to(text(file.type)), int64(file.offset),
                  int64(file.size), leads_to(text(file.link)), int64(file.mode), int32(file.uid),
                  int32(file.gid), leads_to(text(file.user)), leads_to(text(file.group)),
                  leads_to(text(file.time)), int64(file.major), int64(file.minor),
                  leads_to(vector(pax))});
}

std::string field_of(const std::string& header, std::size_t place, std::size_t bytes) {
    const std::string field = header.substr(place, bytes);
    return field.substr(0, field.find('\0'));
}

std::int64_t octal(const std::string& header, std::size_t place, std::size_t bytes) {
    const std::string digits = field_of(header, place, bytes);
    return digits.empty() ? 0 : std::stoll(digits, nullptr, 8);
}

/// "LEN KEY=VALUE\n", one after another.
std::vector<std::pair<std::string, std::string>> pax_of(const std::string& content) {
    std::vector<std::pair<std::string, std::string>> records;
    for (std::size_t at = 0; at < content.size();) {
        const std::string record = content.substr(at, std::stoul(content.substr(at)));
        const std::size_t key = record.find(' ') + 1;
        const std::size_t value = record.find('=', key) + 1;
        records.emplace_back(record.substr(key, value - 1 - key),
                             record.substr(value, record.size() - 1 - value));
        at += record.size();
    }
    return records;
}

/// What Go's tar reader would say of the entry with this header.
ZtocFile file_of(const std::string& header, std::size_t content) {
    constexpr std::string_view kLetters = "0123456";
    constexpr std::array<const char*, 7> kTypes{"reg",   "hardlink", "symlink", "char",
                                                "block", "dir",      "fifo"};
    const std::string prefix = field_of(header, 345, 155);
    return {.name = prefix + (prefix.empty() ? "" : "/") + field_of(header, 0, 100),
            .type = kTypes.at(kLetters.find(header[156])),
            .offset = static_cast<std::int64_t>(content),
            .size = octal(header, 124, 12),
            .link = field_of(header, 157, 100),
            .mode = octal(header, 100, 8),
            .uid = static_cast<std::uint32_t>(octal(header, 108, 8)),
            .gid = static_cast<std::uint32_t>(octal(header, 116, 8)),
            .user = field_of(header, 265, 32),
            .group = field_of(header, 297, 32),
            .time = base::format_rfc3339(octal(header, 136, 12)),
            .major = octal(header, 329, 8),
            .minor = octal(header, 337, 8)};
}

/// Entries of a ustar or PAX archive.
std::vector<ZtocFile> files_of(const std::string& tar) {
    std::vector<ZtocFile> files;
    std::vector<std::pair<std::string, std::string>> pax;
    for (std::size_t at = 0; at + 512 <= tar.size() && tar[at] != '\0';) {
        const std::string header = tar.substr(at, 512);
        const auto size = static_cast<std::size_t>(octal(header, 124, 12));
        at += 512;
        if (header[156] == 'x') {
            pax = pax_of(tar.substr(at, size));
        } else {
            ZtocFile file = file_of(header, at);
            for (const auto& [key, value] : pax) {
                file.name = key == "path" ? value : file.name;
                file.link = key == "linkpath" ? value : file.link;
            }
            file.pax = std::exchange(pax, {});
            files.push_back(std::move(file));
        }
        at += (size + 511) / 512 * 512;
    }
    return files;
}

std::string digest_of(const std::string& bytes, std::uint64_t begin, std::uint64_t end) {
    return model::Digest::sha256_of(bytes.substr(begin, end - begin)).str();
}

/// The last 32 KiB that were unpacked, zeros before the first.
std::string window_before(const std::string& plain) {
    const std::size_t kept = std::min(plain.size(), stream::kWindowBytes);
    return std::string(stream::kWindowBytes - kept, '\0') + plain.substr(plain.size() - kept);
}

}  // namespace

std::vector<ZtocPoint> ztoc_points(const std::string& stored, std::uint64_t span_bytes) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 32) != Z_OK) {
        throw std::runtime_error("inflateInit2");
    }
    std::vector<Bytef> in(stored.begin(), stored.end());
    stream.next_in = in.data();
    stream.avail_in = static_cast<uInt>(in.size());
    std::string plain;
    std::vector<Bytef> block(1 << 15);
    std::vector<ZtocPoint> points;
    for (;;) {
        stream.next_out = block.data();
        stream.avail_out = static_cast<uInt>(block.size());
        const int code = inflate(&stream, Z_BLOCK);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
            throw std::runtime_error("inflate");
        }
        plain.append(block.begin(), block.end() - static_cast<std::ptrdiff_t>(stream.avail_out));
        const std::uint64_t read = stored.size() - stream.avail_in;
        if (code == Z_STREAM_END) {
            if (stream.avail_in == 0) {
                break;
            }
            inflateReset2(&stream, 15 + 32);
        } else if ((stream.data_type & 0xc0) == 0x80 &&
                   (plain.empty() || plain.size() - points.back().plain > span_bytes)) {
            points.push_back({read, plain.size(), static_cast<unsigned>(stream.data_type & 7),
                              window_before(plain)});
        }
    }
    inflateEnd(&stream);
    return points;
}

std::string ztoc_checkpoints(const std::vector<ZtocPoint>& points,
                             std::uint64_t span_bytes,
                             bool first_form) {
    std::string blob;
    append(blob, points.size(), 4);
    append(blob, span_bytes, 8);
    for (std::size_t i = first_form ? 1 : 0; i < points.size(); ++i) {
        append(blob, points[i].packed, 8);
        append(blob, points[i].plain, 8);
        append(blob, points[i].bits, 1);
        blob += points[i].window;
    }
    return blob;
}

Ztoc ztoc_of_gzip(const std::string& stored,
                  const std::string& tar,
                  std::uint64_t span_bytes,
                  bool first_form) {
    const std::vector<ZtocPoint> points = ztoc_points(stored, span_bytes);
    Ztoc ztoc{.packed_bytes = static_cast<std::int64_t>(stored.size()),
              .plain_bytes = static_cast<std::int64_t>(tar.size()),
              .files = files_of(tar),
              .last_span = static_cast<std::int32_t>(points.size()) - 1,
              .checkpoints = ztoc_checkpoints(points, span_bytes, first_form)};
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::uint64_t begin = points[i].packed - (points[i].bits != 0 ? 1 : 0);
        const std::uint64_t end = i + 1 < points.size() ? points[i + 1].packed : stored.size();
        ztoc.digests.push_back(digest_of(stored, begin, end));
    }
    return ztoc;
}

Ztoc ztoc_of_tar(const std::string& tar, std::uint64_t span_bytes) {
    Ztoc ztoc{.packed_bytes = static_cast<std::int64_t>(tar.size()),
              .plain_bytes = static_cast<std::int64_t>(tar.size()),
              .files = files_of(tar),
              .algorithm = 2,
              .last_span = static_cast<std::int32_t>((tar.size() - 1) / span_bytes)};
    for (std::uint64_t at = 0; at < tar.size(); at += span_bytes) {
        ztoc.digests.push_back(digest_of(tar, at, std::min(at + span_bytes, tar.size())));
    }
    ztoc.checkpoints = document(table({int32(2), int64(static_cast<std::int64_t>(span_bytes)),
                                       int64(static_cast<std::int64_t>(tar.size()))}));
    return ztoc;
}

std::string write_ztoc(const Ztoc& ztoc) {
    std::vector<Child> files;
    for (const ZtocFile& file : ztoc.files) {
        files.push_back(file_table(file));
    }
    std::vector<Child> digests;
    for (const std::string& digest : ztoc.digests) {
        digests.push_back(text(digest));
    }
    Field algorithm;  // the default is not written
    if (ztoc.algorithm != 1) {
        algorithm = {1, static_cast<std::uint64_t>(ztoc.algorithm), {}};
    }
    return document(
        table({leads_to(text(ztoc.version)), leads_to(text("a test")), int64(ztoc.packed_bytes),
               int64(ztoc.plain_bytes), leads_to(table({leads_to(vector(files))})),
               leads_to(table({algorithm, int32(ztoc.last_span), leads_to(vector(digests)),
                               leads_to(text(ztoc.checkpoints))}))}));
}

}  // namespace regtool::test
