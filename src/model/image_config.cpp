#include "regtool/model/image_config.hpp"

#include "model/json_fields.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"

namespace regtool::model {

namespace {

HistoryEntry parse_history_entry(const Json& json, const std::string& where) {
    if (!json.is_object()) {
        throw_invalid(where, "must be an object");
    }
    HistoryEntry entry;
    entry.created = string_member(json, "created", where);
    entry.created_by = string_member(json, "created_by", where);
    entry.author = string_member(json, "author", where);
    entry.comment = string_member(json, "comment", where);
    if (const Json* empty = find_member(json, "empty_layer")) {
        if (!empty->is_boolean()) {
            throw_invalid(where + ".empty_layer", "must be true or false");
        }
        entry.empty_layer = empty->get<bool>();
    }
    return entry;
}

std::vector<HistoryEntry> parse_history(const Json& json) {
    const Json* member = find_member(json, "history");
    if (member == nullptr) {
        return {};
    }
    if (!member->is_array()) {
        throw_invalid("history", "must be an array");
    }
    std::vector<HistoryEntry> history;
    for (const Json& item : *member) {
        history.push_back(
            parse_history_entry(item, "history[" + std::to_string(history.size()) + "]"));
    }
    return history;
}

void parse_rootfs(ImageConfig& config, const Json& json) {
    const Json* rootfs = find_member(json, "rootfs");
    if (rootfs == nullptr) {
        return;
    }
    if (!rootfs->is_object()) {
        throw_invalid("rootfs", "must be an object");
    }
    config.rootfs_type = string_member(*rootfs, "type", "rootfs");
    for (const std::string& text : string_list(*rootfs, "diff_ids", "rootfs")) {
        const auto digest = Digest::try_parse(text);
        if (!digest) {
            throw_invalid("rootfs.diff_ids", "'" + base::printable(text, 100) + "' is no digest");
        }
        config.diff_ids.push_back(*digest);
    }
}

void parse_run_settings(ImageConfig& config, const Json& json) {
    const Json* settings = find_member(json, "config");
    if (settings == nullptr) {
        return;
    }
    if (!settings->is_object()) {
        throw_invalid("config", "must be an object");
    }
    config.user = string_member(*settings, "User", "config");
    config.working_dir = string_member(*settings, "WorkingDir", "config");
    config.stop_signal = string_member(*settings, "StopSignal", "config");
    config.env = string_list(*settings, "Env", "config");
    config.entrypoint = string_list(*settings, "Entrypoint", "config");
    config.cmd = string_list(*settings, "Cmd", "config");
    config.exposed_ports = member_names(*settings, "ExposedPorts", "config");
    config.volumes = member_names(*settings, "Volumes", "config");
    config.labels = string_map(*settings, "Labels", "config");
}

}  // namespace

ImageConfig ImageConfig::parse(std::string_view bytes) {
    const Json json = base::parse_json(bytes, "image configuration");
    if (!json.is_object()) {
        throw base::InvalidDocument("image configuration: must be a JSON object");
    }
    ImageConfig config;
    config.created = string_member(json, "created", "");
    config.author = string_member(json, "author", "");
    config.platform.os = string_member(json, "os", "");
    config.platform.architecture = string_member(json, "architecture", "");
    config.platform.variant = string_member(json, "variant", "");
    config.platform.os_version = string_member(json, "os.version", "");
    config.platform.os_features = string_list(json, "os.features", "");
    parse_run_settings(config, json);
    parse_rootfs(config, json);
    config.history = parse_history(json);
    return config;
}

std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids) {
    std::vector<Digest> chain;
    chain.reserve(diff_ids.size());
    for (const Digest& diff_id : diff_ids) {
        chain.push_back(
            chain.empty() ? diff_id : Digest::sha256_of(chain.back().str() + " " + diff_id.str()));
    }
    return chain;
}

}  // namespace regtool::model
