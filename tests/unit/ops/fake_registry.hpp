#pragma once

#include <map>
#include <string>

#include "unit/registry/registry_lab.hpp"

namespace regtool::test {

/// A registry of one repository in memory: manifests by tag and digest.
struct FakeRegistry {
    std::map<std::string, std::string> manifests;  ///< by tag and by digest
    std::map<std::string, std::string> types;      ///< by digest
    RegistryLab lab{[this](const http::HttpRequest& request) { return answer(request); }};

    std::string add(const std::string& tag, const std::string& body, const std::string& type) {
        const std::string digest = model::Digest::sha256_of(body).str();
        manifests[tag] = manifests[digest] = body;
        types[digest] = type;
        return digest;
    }

    http::HttpResponse answer(const http::HttpRequest& request) {
        if (request.url.find("/tags/list") != std::string::npos) {
            std::string list;
            for (const auto& [name, body] : manifests) {
                if (!name.starts_with("sha256:")) {
                    list += (list.empty() ? "\"" : ",\"") + name + "\"";
                }
            }
            return respond(200, {}, "{\"tags\":[" + list + "]}");
        }
        const std::string name = request.url.substr(request.url.rfind('/') + 1);
        if (request.method == http::Method::put) {
            add(name, request.body, std::string(request.headers.get("Content-Type").value_or("")));
            return respond(201);
        }
        const auto found = manifests.find(name);
        if (found == manifests.end()) {
            return respond(404);
        }
        const std::string digest = model::Digest::sha256_of(found->second).str();
        return respond(200,
                       {{"Content-Type", types.at(digest)},
                        {"Docker-Content-Digest", digest},
                        {"Content-Length", std::to_string(found->second.size())}},
                       found->second);
    }
};

inline std::string artifact(const std::string& comment) {
    return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)"
           R"({"mediaType":"application/vnd.oci.empty.v1+json","digest":")" +
           model::Digest::sha256_of("{}").str() +
           R"(","size":2},"layers":[],"annotations":{"c":")" + comment + "\"}}";
}

inline const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";

}  // namespace regtool::test
