#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/output_file.hpp"
#include "regtool/base/text.hpp"
#include "regtool/serve/server.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    serve::ServerOptions server;
    std::string port_file;
};

void show_address(ui::Output& out, const serve::Server& server) {
    if (out.structured()) {
        out.object({{"address", server.address()}, {"url", server.url()}, {"port", server.port()}});
    } else {
        out.line(server.address());
    }
    out.flush();
}

void write_port(const std::string& path, std::uint16_t port) {
    base::OutputFile file(path);
    file.write(base::as_bytes(std::to_string(port) + "\n"));
    file.commit();
}

/// A signal is how a server is meant to end, and still the exit code says which it was.
ExitCode code_of_end(const Session& session) {
    const auto reason = session.stop_reason();
    return reason ? base::exit_code_of(*reason) : ExitCode::ok;
}

ExitCode run(const Options& options, Session& session) {
    const std::stop_token stop = session.stop();  // signals are blocked before threads start
    serve::Server server(options.server, session.log());
    if (!options.port_file.empty()) {
        write_port(options.port_file, server.port());
    }
    show_address(session.out(), server);
    session.log().info("serving " + options.server.root + " at " + server.url());
    server.run(stop);
    return code_of_end(session);
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    serve::ServerOptions& server = options->server;
    app.add_option("--root", server.root,
                   "OCI image layout to serve, made when it is not there; :memory: (the default) "
                   "keeps all in memory and forgets it")
        ->type_name("DIR")
        ->default_str("");
    app.add_option("--listen", server.listen,
                   "Address and port; port 0 takes a free one (default 127.0.0.1:5000)")
        ->type_name("ADDRESS:PORT")
        ->default_str("");
    app.add_option("--repository", server.repository,
                   "Repository of what has a plain tag in the layout (default: the folder's name)")
        ->type_name("REPO");
    app.add_flag("--read-only", server.read_only, "Answer reads alone; write nothing");
    app.add_option("--htpasswd", server.htpasswd,
                   "Ask for one of these users' passwords (lines as htpasswd -B writes them)")
        ->type_name("FILE");
    app.add_option("--tls-cert", server.tls_cert, "Certificate and its chain, PEM; speaks https")
        ->type_name("FILE");
    app.add_option("--tls-key", server.tls_key, "The certificate's key, PEM")->type_name("FILE");
    app.add_option("--port-file", options->port_file,
                   "Write the port into this file when requests are answered")
        ->type_name("FILE");
    app.add_option("--max-blob", server.max_blob_bytes, "Refuse larger blobs (default 64 GiB)")
        ->type_name("BYTES")
        ->default_str("");
    app.add_option("--memory-limit", server.memory_limit_bytes,
                   "Bytes that :memory: may hold (default 2 GiB)")
        ->type_name("BYTES")
        ->default_str("");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool serve", "A registry for the moment, at localhost:5000"},
    Example{"regtool serve --root images --read-only",
            "What a layout holds, e.g. one that came on a disk"},
    Example{"regtool serve --root images --listen 0.0.0.0:5000 --htpasswd users --tls-cert c.pem "
            "--tls-key k.pem",
            "For the network, with passwords and TLS"},
    Example{"regtool serve --listen 127.0.0.1:0 --port-file port", "For a script, at a free port"},
};

}  // namespace

constinit const CommandSpec kServe{
    .path = "serve",
    .alias = "",
    .group = "Access and self",
    .summary = "Serve an OCI image layout as a registry",
    .description =
        "A registry (OCI distribution specification 1.1: pull, push, discovery, deletion) on a "
        "folder that is an OCI image layout. Nothing is converted: what regtool, skopeo or umoci "
        "wrote into the folder is served at once, and what is pushed can be read there by them. "
        "When requests are answered, its address is printed on stdout; it ends with SIGINT or "
        "SIGTERM (exit code 130 or 143), within a second, leaving nothing half-written. -v logs "
        "each request on stderr.\n\n"
        "Names: an image that the layout calls \"v1\" is tag v1 of one repository, named as the "
        "folder or by --repository; \"team/app:v1\" is tag v1 of team/app, and so is "
        "\"quay.io/team/app:v1\". io.containerd.image.name is read where it says more. What is "
        "pushed is called \"REPO:TAG\" in the layout, a tag that is moved keeps its spelling, and "
        "a "
        "manifest pushed by digest is an entry without a name (its repository in the annotation "
        "regtool.repository). index.json is changed under a lock on DIR/index.json.lock and "
        "replaced "
        "whole.\n\n"
        "The repositories of one folder share their blobs, so mounting always succeeds, and a blob "
        "or a child of an index that some manifest needs cannot be deleted before that manifest. "
        "Deleting a tag keeps the manifest; deleting a manifest removes its tags and keeps its "
        "blobs. A file is hashed before it is first served: bytes that do not match their digest "
        "are answered as missing. A manifest is taken when all that it names is there.\n\n"
        "Bounds: 256 connections, 60 s without a byte, heads of 128 KiB, manifests of 4 MiB, 1000 "
        "open uploads that may lie idle for an hour, pages of 1000 names. Changes asked for by web "
        "pages (requests with Origin) are refused. Without --htpasswd everybody who reaches the "
        "address may do everything.\n\n"
        "JSON keys of the line on stdout: address, url, port.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
