#include "tar_builder.hpp"

#include <algorithm>
#include <numeric>

namespace regtool::test {

namespace {

constexpr std::size_t kBlock = 512;

std::string octal(std::uint64_t number, std::size_t width) {
    std::string digits(width - 1, '0');
    for (std::size_t i = width - 1; i-- > 0;) {
        digits[i] = static_cast<char>('0' + (number & 7U));
        number >>= 3U;
    }
    return digits + '\0';
}

void put(std::string& block, std::size_t offset, std::size_t width, std::string_view text) {
    std::copy_n(text.begin(), std::min(width, text.size()),
                block.begin() + static_cast<std::ptrdiff_t>(offset));
}

void pad(std::string& bytes) {
    bytes.resize((bytes.size() + kBlock - 1) / kBlock * kBlock, '\0');
}

std::string header_block(const TarHeader& header) {
    std::string block(kBlock, '\0');
    put(block, 0, 100, header.name);
    put(block, 100, 8, octal(header.mode, 8));
    put(block, 108, 8, header.uid_field.empty() ? octal(header.uid, 8) : header.uid_field);
    put(block, 116, 8, octal(header.gid, 8));
    put(block, 124, 12,
        header.size_field.empty() ? octal(header.content.size(), 12) : header.size_field);
    put(block, 136, 12, octal(header.mtime, 12));
    put(block, 148, 8, "        ");
    block[156] = header.type;
    put(block, 157, 100, header.link);
    if (header.ustar) {
        put(block, 257, 8, std::string_view("ustar\00000", 8));
        put(block, 265, 32, header.user);
        put(block, 297, 32, header.group);
        put(block, 329, 8, octal(header.major, 8));
        put(block, 337, 8, octal(header.minor, 8));
        put(block, 345, 155, header.prefix);
    }
    const auto sum =
        std::accumulate(block.begin(), block.end(), std::uint64_t{0},
                        [](std::uint64_t a, char c) { return a + static_cast<unsigned char>(c); });
    put(block, 148, 8, octal(sum, 7) + ' ');
    return block;
}

}  // namespace

TarBuilder& TarBuilder::add(const TarHeader& header) {
    bytes_ += header_block(header);
    bytes_ += header.content;
    pad(bytes_);
    return *this;
}

TarBuilder& TarBuilder::file(std::string name, std::string content) {
    return add({.name = std::move(name), .content = std::move(content)});
}

TarBuilder& TarBuilder::directory(std::string name) {
    return add({.name = std::move(name), .type = '5', .mode = 0755});
}

TarBuilder& TarBuilder::symlink(std::string name, std::string target) {
    return add({.name = std::move(name), .type = '2', .link = std::move(target), .mode = 0777});
}

TarBuilder& TarBuilder::hardlink(std::string name, std::string target) {
    return add({.name = std::move(name), .type = '1', .link = std::move(target)});
}

TarBuilder& TarBuilder::pax(const PaxRecords& records, char type) {
    std::string body;
    for (const auto& [key, value] : records) {
        body += pax_record(key, value);
    }
    return add({.name = "PaxHeaders/entry", .type = type, .content = std::move(body)});
}

TarBuilder& TarBuilder::gnu_long(char type, std::string text) {
    return add({.name = "././@LongLink", .type = type, .content = std::move(text) + '\0'});
}

TarBuilder& TarBuilder::raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
}

std::string pax_record(std::string_view key, std::string_view value) {
    const std::size_t rest = key.size() + value.size() + 3;  // blank, '=', newline
    std::size_t length = rest;
    while (length != rest + std::to_string(length).size()) {
        length = rest + std::to_string(length).size();
    }
    return std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

std::string base256(std::int64_t number, std::size_t width) {
    std::string field(width, number < 0 ? '\xff' : '\0');
    auto rest = static_cast<std::uint64_t>(number);
    for (std::size_t i = 0; i < std::min<std::size_t>(width, 8); ++i) {
        field[width - 1 - i] = static_cast<char>(rest & 0xffU);
        rest >>= 8U;
    }
    field[0] = number < 0 ? '\xff' : '\x80';
    return field;
}

}  // namespace regtool::test
