#include <nlohmann/json.hpp>

#include "entry_text.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::PlatformRow& row) {
    nlohmann::ordered_json json;
    json["platform"] = row.platform;
    json["digest"] = row.digest;
    json["media_type"] = row.media_type;
    json["size"] = row.size;
    json["kind"] = row.kind;
    if (!row.describes.empty()) {
        json["describes"] = row.describes;
    }
    return json;
}

nlohmann::ordered_json to_json(const ops::InspectReport& report) {
    nlohmann::ordered_json json;
    json["reference"] = report.reference;
    json["digest"] = report.digest;
    json["media_type"] = report.media_type;
    json["artifact_type"] = report.artifact_type;
    json["platforms"] = nlohmann::ordered_json::array();
    for (const ops::PlatformRow& row : report.platforms) {
        json["platforms"].push_back(to_json(row));
    }
    json["image_digest"] = report.image_digest;
    json["image_id"] = report.image_id;
    json["platform"] = report.platform;
    json["created"] = report.created;
    json["author"] = report.author;
    json["user"] = report.user;
    json["working_dir"] = report.working_dir;
    json["stop_signal"] = report.stop_signal;
    json["entrypoint"] = report.entrypoint;
    json["cmd"] = report.cmd;
    json["env"] = report.env;
    json["exposed_ports"] = report.exposed_ports;
    json["volumes"] = report.volumes;
    json["labels"] = report.labels;
    json["annotations"] = report.annotations;
    json["layers"] = nlohmann::ordered_json::array();
    for (const ops::LayerRow& layer : report.layers) {
        json["layers"].push_back({{"index", layer.index},
                                  {"digest", layer.digest},
                                  {"media_type", layer.media_type},
                                  {"size", layer.size}});
    }
    json["size"] = report.size;
    if (!report.tags.empty()) {
        json["tags"] = report.tags;
    }
    return json;
}

/// "Name:        value" lines; nothing for an empty value.
class Facts {
  public:
    explicit Facts(Output& out) : out_(out) {}

    void add(const std::string& name, const std::string& value) {
        constexpr std::size_t kColumn = 14;
        if (value.empty()) {
            return;
        }
        std::string line = name + ":";
        line.resize(std::max(kColumn, line.size() + 1), ' ');
        out_.line(line + base::printable(value));
    }

    void add(const std::string& name, const std::vector<std::string>& values) {
        std::string joined;
        for (const std::string& value : values) {
            joined += (joined.empty() ? "" : " ") +
                      nlohmann::json(value).dump(-1, ' ', false,
                                                 nlohmann::json::error_handler_t::replace);
        }
        add(name, joined);
    }

    void list(const std::string& title, const std::vector<std::string>& lines) {
        if (lines.empty()) {
            return;
        }
        out_.line(title + ":");
        for (const std::string& line : lines) {
            out_.line("  " + base::printable(line));
        }
    }

    void map(const std::string& title, const std::map<std::string, std::string>& values) {
        std::vector<std::string> lines;
        for (const auto& [key, value] : values) {
            std::string line = key;
            line += "=";
            line += value;
            lines.push_back(std::move(line));
        }
        list(title, lines);
    }

  private:
    Output& out_;
};

std::string indented(const std::string& text) {
    std::string out;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        out += "  " + text.substr(begin, end - begin);
        begin = end;
    }
    return out;
}

void show_platforms(Output& out, const std::vector<ops::PlatformRow>& rows) {
    if (rows.empty()) {
        return;
    }
    Table table({{"platform"}, {"kind"}, {"digest"}, {"size", Align::right}});
    for (const ops::PlatformRow& row : rows) {
        table.add({row.platform.empty() ? "-" : base::printable(row.platform), row.kind, row.digest,
                   base::human_size(row.size)});
    }
    out.line("Platforms:");
    out.text(indented(table.str()));
}

void show_layers(Output& out, const std::vector<ops::LayerRow>& layers) {
    if (layers.empty()) {
        return;
    }
    Table table({{"layer", Align::right}, {"digest"}, {"size", Align::right}, {"media type"}});
    for (const ops::LayerRow& layer : layers) {
        table.add({std::to_string(layer.index), layer.digest, base::human_size(layer.size),
                   base::printable(layer.media_type)});
    }
    out.line("Layers:");
    out.text(indented(table.str()));
}

}  // namespace

void show(Output& out, const ops::InspectReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    Facts facts(out);
    facts.add("Name", report.reference);
    facts.add("Digest", report.digest);
    facts.add("Media type", report.media_type);
    facts.add("Artifact", report.artifact_type);
    show_platforms(out, report.platforms);
    if (report.image_digest != report.digest) {
        facts.add("Image", report.image_digest);
    }
    facts.add("Image ID", report.image_id);
    facts.add("Platform", report.platform);
    if (!report.platform.empty()) {  // an image's configuration was read
        facts.add("Created", created_text(report.created));
    }
    facts.add("Author", report.author);
    if (!report.layers.empty() || !report.image_id.empty()) {
        facts.add("Size", base::human_size(report.size) + " in " +
                              std::to_string(report.layers.size()) +
                              (report.layers.size() == 1 ? " layer" : " layers"));
    }
    facts.add("User", report.user);
    facts.add("Working dir", report.working_dir);
    facts.add("Entrypoint", report.entrypoint);
    facts.add("Cmd", report.cmd);
    facts.add("Stop signal", report.stop_signal);
    facts.add("Ports", report.exposed_ports);
    facts.add("Volumes", report.volumes);
    facts.list("Env", report.env);
    facts.map("Labels", report.labels);
    facts.map("Annotations", report.annotations);
    show_layers(out, report.layers);
    facts.list("Tags", report.tags);
}

}  // namespace regtool::ui
