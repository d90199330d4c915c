#include "toc_layers.hpp"

#include <algorithm>

#include "regtool/base/clock.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/digest.hpp"
#include "support/packed.hpp"

namespace regtool::test {

namespace {

bool is_zstd(TocForm form) {
    return form == TocForm::zstd_containers || form == TocForm::zstd_snapshotter;
}

std::string sha256(const std::string& bytes) {
    return model::Digest::sha256_of(bytes).str();
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return out + "\"";
}

/// Members or frames, one after another.
class Packer {
  public:
    explicit Packer(bool zstd) : zstd_(zstd) {}

    void write(const std::string& bytes) {
        member_ += bytes;
        tar_ += bytes;
    }

    void cut() {
        if (!member_.empty()) {
            packed_ += zstd_ ? zstd(member_) : gzip(member_);
            member_.clear();
        }
    }

    [[nodiscard]] std::size_t member() const { return member_.size(); }

    [[nodiscard]] const std::string& packed() const { return packed_; }

    [[nodiscard]] const std::string& tar() const { return tar_; }

  private:
    bool zstd_;
    std::string member_;
    std::string packed_;
    std::string tar_;
};

class Writer {
  public:
    explicit Writer(const TocLayerOptions& options)
        : options_(options), packer_(is_zstd(options.form)) {}

    void add(const TocEntry& entry) {
        TarBuilder head;
        if (!entry.pax.empty()) {
            head.pax(entry.pax);
        }
        TarHeader header = entry.header;
        head.add(header);
        const std::size_t padded = (header.content.size() + 511) / 512 * 512;
        packer_.write(head.bytes().substr(0, head.bytes().size() - padded));
        const std::string facts = facts_of(entry);
        if (header.type == '0' && !header.content.empty()) {
            add_content(entry, facts);
            packer_.write(std::string(padded - header.content.size(), '\0'));
        } else {
            record(facts);
        }
    }

    [[nodiscard]] TocLayer finish() {
        if (options_.form == TocForm::zstd_containers) {
            packer_.write(std::string(1024, '\0'));
        }
        packer_.cut();
        TocLayer layer;
        layer.data = packer_.packed();
        layer.data_tar = packer_.tar();
        return with_table(layer, options_.form, R"({"version":1,"entries":[)" + records_ + "]}");
    }

  private:
    static std::string pax_or(const TocEntry& entry, const char* key, const std::string& other) {
        for (const auto& [name, value] : entry.pax) {
            if (name == key) {
                return value;
            }
        }
        return other;
    }

    std::string facts_of(const TocEntry& entry) {
        const TarHeader& header = entry.header;
        const std::map<char, std::string> types{{'0', "reg"},  {'1', "hardlink"}, {'2', "symlink"},
                                                {'3', "char"}, {'4', "block"},    {'5', "dir"},
                                                {'6', "fifo"}};
        std::string out = R"("name":)" + quoted(pax_or(entry, "path", header.name)) +
                          R"(,"type":)" + quoted(types.at(header.type));
        const auto number = [&out](const char* key, std::uint64_t value) {
            out += value == 0 ? "" : ",\"" + std::string(key) + "\":" + std::to_string(value);
        };
        number("size", header.content.size());
        number("mode", header.mode);
        number("uid", header.uid);
        number("gid", header.gid);
        number("devMajor", header.major);
        number("devMinor", header.minor);
        if (header.mtime != 0) {
            out += R"(,"modtime":)" +
                   quoted(base::format_rfc3339(static_cast<std::int64_t>(header.mtime)));
        }
        if (const std::string link = pax_or(entry, "linkpath", header.link); !link.empty()) {
            out += R"(,"linkName":)" + quoted(link);
        }
        if (options_.form != TocForm::zstd_containers) {
            out += name_if_changed("userName", users_[header.uid], header.user) +
                   name_if_changed("groupName", groups_[header.gid], header.group);
        }
        return out + xattrs_of(entry);
    }

    static std::string name_if_changed(const char* key, std::string& last, const std::string& now) {
        if (now.empty() || now == last) {
            return "";
        }
        last = now;
        return ",\"" + std::string(key) + "\":" + quoted(now);
    }

    static std::string xattrs_of(const TocEntry& entry) {
        const std::string prefix = "SCHILY.xattr.";
        std::string out;
        for (const auto& [name, value] : entry.pax) {
            if (name.starts_with(prefix)) {
                out += (out.empty() ? "" : ",") + quoted(name.substr(prefix.size())) + ":" +
                       quoted(base::base64_encode(value));
            }
        }
        return out.empty() ? "" : R"(,"xattrs":{)" + out + "}";
    }

    void record(const std::string& fields) {
        records_ += (records_.empty() ? "{" : ",{") + fields + "}";
    }

    void add_content(const TocEntry& entry, const std::string& facts) {
        const std::string& content = entry.header.content;
        const bool containers = options_.form == TocForm::zstd_containers;
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < content.size(); at += options_.chunk_bytes) {
            const std::string piece = content.substr(at, options_.chunk_bytes);
            if (containers || packer_.member() >= options_.member_bytes ||
                packer_.packed().empty()) {
                packer_.cut();
            }
            std::string fields = R"(,"offset":)" + std::to_string(packer_.packed().size());
            if (packer_.member() > 0) {
                fields += R"(,"innerOffset":)" + std::to_string(packer_.member());
            }
            if (at > 0) {
                fields += R"(,"chunkOffset":)" + std::to_string(at);
            }
            const bool several = content.size() > options_.chunk_bytes;
            if (containers ? several : content.size() - at >= options_.chunk_bytes) {
                fields += R"(,"chunkSize":)" + std::to_string(piece.size());
            }
            if (!containers || several) {
                fields += R"(,"chunkDigest":)" + quoted(sha256(piece));
            }
            if (containers && piece.find_first_not_of('\0') == std::string::npos) {
                fields += R"(,"chunkType":"zeros")";
            }
            packer_.write(piece);
            if (containers) {
                packer_.cut();
            }
            pieces.push_back(fields);
        }
        std::string whole = R"(,"digest":)" + quoted(sha256(content));
        if (containers) {
            whole += R"(,"endOffset":)" + std::to_string(packer_.packed().size());
        }
        record(facts + pieces.front() + whole);
        for (std::size_t i = 1; i < pieces.size(); ++i) {
            record(R"("name":)" + quoted(pax_or(entry, "path", entry.header.name)) +
                   R"(,"type":"chunk")" + pieces[i]);
        }
    }

    TocLayerOptions options_;
    Packer packer_;
    std::string records_;
    std::map<std::uint64_t, std::string> users_;
    std::map<std::uint64_t, std::string> groups_;
};

std::string toc_tar(const std::string& json) {
    return TarBuilder().add({.name = "stargz.index.json", .content = json, .mode = 0}).finish();
}

void end_zstd(TocLayer& layer, TocForm form, const std::string& json) {
    const bool containers = form == TocForm::zstd_containers;
    const std::string packed = zstd(json);
    const std::uint64_t offset = layer.stored.size() + 8;
    const std::string tar_split = zstd("tar-split");
    std::string footer = little_endian_64(offset) + little_endian_64(packed.size()) +
                         little_endian_64(json.size()) + little_endian_64(1);
    layer.stored += skippable_frame(packed);
    if (containers) {
        footer += little_endian_64(layer.stored.size() + 8) + little_endian_64(tar_split.size()) +
                  little_endian_64(9);
        layer.stored += skippable_frame(tar_split);
    }
    layer.stored += skippable_frame(footer + (containers ? "GNUlInUx" : "GnUlInUx"));
    const std::string prefix = containers ? "io.github.containers.zstd-chunked.manifest-"
                                          : "io.containers.zstd-chunked.manifest-";
    layer.annotations[prefix + "checksum"] = sha256(packed);
    layer.annotations[prefix + "position"] = std::to_string(offset) + ":" +
                                             std::to_string(packed.size()) + ":" +
                                             std::to_string(json.size()) + ":1";
    if (!containers) {
        layer.annotations["containerd.io/snapshot/stargz/toc.digest"] = sha256(json);
    }
}

void end_estargz(TocLayer& layer, TocForm form, const std::string& json) {
    const std::uint64_t offset = layer.stored.size();
    if (form == TocForm::estargz_external) {
        layer.external = gzip(toc_tar(json));
        layer.stored += stargz_footer("STARGZEXTERNALTOC");
    } else {
        const std::string tar = toc_tar(json);
        layer.tar += tar;
        layer.stored +=
            gzip(tar) + stargz_footer(stargz_offset(offset), form == TocForm::estargz_legacy);
    }
    layer.annotations["containerd.io/snapshot/stargz/toc.digest"] = sha256(json);
}

}  // namespace

std::string little_endian_64(std::uint64_t number) {
    std::string bytes;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        bytes += static_cast<char>(number >> shift);
    }
    return bytes;
}

std::string skippable_frame(const std::string& bytes) {
    return "\x50\x2a\x4d\x18" + little_endian_64(bytes.size()).substr(0, 4) + bytes;
}

std::string stargz_offset(std::uint64_t offset) {
    std::string hex(16, '0');
    for (std::size_t i = 16; i-- > 0; offset >>= 4U) {
        hex[i] = "0123456789abcdef"[offset & 0xfU];
    }
    return hex + "STARGZ";
}

std::string stargz_footer(const std::string& text, bool bare) {
    const std::string extra =
        bare ? text : "SG" + little_endian_64(text.size()).substr(0, 2) + text;
    return std::string("\x1f\x8b\x08\x04\0\0\0\0\0\xff", 10) +
           little_endian_64(extra.size()).substr(0, 2) + extra +
           std::string("\x01\0\0\xff\xff", 5) + std::string(8, '\0');
}

TocLayer with_table(const TocLayer& layer, TocForm form, const std::string& json) {
    TocLayer ended{.stored = layer.data,
                   .tar = layer.data_tar,
                   .json = json,
                   .data = layer.data,
                   .data_tar = layer.data_tar};
    if (is_zstd(form)) {
        end_zstd(ended, form, json);
    } else {
        end_estargz(ended, form, json);
    }
    return ended;
}

TocLayer toc_layer(const std::vector<TocEntry>& entries, const TocLayerOptions& options) {
    Writer writer(options);
    for (const TocEntry& entry : entries) {
        writer.add(entry);
    }
    return writer.finish();
}

}  // namespace regtool::test
