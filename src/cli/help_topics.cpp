#include "cli/help_topics.hpp"

#include <array>

namespace regtool::cli {

namespace {

constexpr std::string_view kExitCodes = R"(Every command uses the same exit codes:

  0    ok            done; yes; no difference
  1    no            a definite no: not found (a 404 that says so)
  2    usage         bad flag, bad reference, no such platform: nothing was changed
  3    registry      the registry refused or answered nonsense
  4    auth          401, 403, or a credential helper that failed
  5    network       DNS, connection, TLS, stall, broken transfer after retries
  6    limited       429 after retries, or --max-requests is spent
  7    integrity     bytes do not match their digest, size or diffID, or are unsafe
  8    precondition  the tag moved or exists with another digest
  9    partial       some of many failed; the report says which
  10   local         disk, permission, file format, no such file
  70   internal      a bug in regtool
  124  timeout       --timeout ran out
  130  interrupted   SIGINT
  141  closed pipe   the reader of standard output went away
  143  terminated    SIGTERM

With --format json an error is one JSON object on standard error with the keys kind, code, http_status, reference, message, hint and exit_code.
)";

constexpr std::string_view kReferences =
    R"(An IMAGE is [docker://][HOST[:PORT]/]REPO[:TAG][@DIGEST].

  alpine                    docker.io/library/alpine:latest
  user/app:v1               docker.io/user/app:v1
  localhost:5000/app        localhost:5000/app:latest
  ghcr.io/org/app@sha256:…  by digest; a tag beside it is only shown

The first part is a host when it has a dot or a colon, an upper-case letter, or is localhost. Repository names are lower-case.

A BLOB is REPO@DIGEST, or IMAGE --layer N, or IMAGE --config. N is 0 for the lowest layer, -1 or last for the top one, or a layer's digest, or an unambiguous beginning of it.

A platform is os/arch[/variant]: linux/amd64, linux/arm64, linux/arm/v7. A command that needs one image and is given an index takes linux and this machine's architecture unless --platform says otherwise; when that is not there, the platforms on offer are listed and the exit code is 2.
)";

constexpr std::string_view kAuthentication =
    R"(Credentials are looked for in this order: --creds or REGTOOL_CREDS (with two sides also --src-creds and --dest-creds); the file named by --authfile or REGISTRY_AUTH_FILE, which is then the only one; DOCKER_AUTH_CONFIG; $DOCKER_CONFIG/config.json or ~/.docker/config.json; $XDG_RUNTIME_DIR/containers/auth.json; ~/.config/containers/auth.json; ~/.dockercfg. The first that knows the registry is taken; podman asks docker's file last. regtool auth get HOST says which it is, and regtool doctor HOST why.

In a file the longest key wins: host/team/app, host/team, host. A credential helper (credHelpers for one host, credsStore for all) is the only source of the hosts it is named for: a helper that fails is an error (exit code 4), one that knows nothing means no credentials. It is run without a shell, found on absolute PATH entries only, for at most 60 s, and sees none of our secrets.

Without credentials the registry is asked anonymously; --anonymous asks so although there are some. Credentials that are refused are an error, never dropped in silence. Registries that hand out tokens are asked for the smallest scope that the command needs.

regtool login tries credentials before it keeps them, in the helper or in docker's file (or --authfile), mode 0600. Where the token server gives an identity token for the password, the token is kept instead.

Credentials are sent to the registry's own origin, and to a token server of the same host, the same registered domain, or one that is named by realms in [host."H"] of config.toml; others are asked for an anonymous token. They never follow a redirect to another host, never go to a mirror that has none of its own, and go to a host whose certificate is not verified only with --insecure-credentials. Over plain http they draw a warning.

  REGTOOL_CREDS=user:secret regtool tags registry.example.com/app
  regtool --authfile ./auth.json digest registry.example.com/app:v1
  regtool auth get registry.example.com/team/app
)";

constexpr std::string_view kFormatting =
    R"(Standard output carries the result and nothing else; messages and progress go to standard error.

  --format text    for people; tables and plain lines
  --format json    one object, or one array for listings
  --format ndjson  one object a line, as they come
  --jq EXPR        filters the JSON; strings come out raw, as with jq -r

Keys are in snake_case; sizes are bytes, times RFC 3339 UTC, digests full. With json --jq sees a listing's whole array; with ndjson each of its objects. manifest and config print the fetched document itself, so --jq sees the document.

Names that come from a registry or a layer are escaped before a terminal sees them.
)";

constexpr std::string_view kEnvironment =
    R"(Every option that all commands take has a variable: REGTOOL_ and the long name in upper case with _ for -. A flag wins over its variable.

  REGTOOL_CREDS            USER[:PASS], without the warning of the flag
  REGTOOL_PLATFORM         default of --platform
  REGTOOL_PLAIN_HTTP       hosts, separated by commas
  REGTOOL_CONNECT_TIMEOUT  and so on for the others

What a variable does not say either is looked up in ~/.config/regtool/config.toml ($XDG_CONFIG_HOME/regtool/config.toml, or the file of --config): long names as keys, and a table for what belongs to one host. regtool config get --origin shows what is set and by what.

  jobs = 4
  plain-http = ["registry.lan:5000"]

  [host."registry.example.com"]
  cacert = "/etc/ssl/example.pem"   # also cert, key, plain-http, insecure-tls, insecure-credentials
  realms = ["auth.example.net"]     # token servers elsewhere that may see its credentials
  allow-private = true              # redirects may lead to it on a private address

Other programs' settings that are read:

  CONTAINERS_REGISTRIES_CONF  registries.conf of containers tools (see regtool help transports)
  DOCKER_DEFAULT_PLATFORM  which image of an index is meant where --platform does not say it
  DOCKER_CONFIG            folder of docker's config.json
  DOCKER_AUTH_CONFIG       credentials as JSON text
  REGISTRY_AUTH_FILE       credentials file of containers tools
  SSL_CERT_FILE, SSL_CERT_DIR  trusted certificate authorities
  https_proxy, http_proxy, all_proxy, no_proxy  proxies; loopback is never proxied. HTTP_PROXY in capitals is not read
  NO_COLOR, CLICOLOR_FORCE, TERM  colour
)";

constexpr std::string_view kTransports =
    R"(Images are read from registries by https. Plain http must be named for each host with --plain-http HOST, and an unverified certificate with --insecure-tls HOST. localhost, *.localhost, 127.0.0.0/8 and ::1 may speak plain http unasked; https is tried first there.

The registries.conf of containers tools (version 2) is followed: --registries-conf FILE, $CONTAINERS_REGISTRIES_CONF, ~/.config/containers, /etc/containers, /usr/share/containers, and the files of registries.conf.d. Images are read from its mirrors and locations; what is written goes to the registry that was named. blocked is exit code 4; insecure tries https, then https that nobody vouches for, then clear text. Credentials go to a host with --insecure-tls only with --insecure-credentials HOST, too, or if it is this machine.

--as-curl shows each request as a curl command on standard error, with $TOKEN, $REGISTRY_USER, $PASSWORD and $BODY in place of secrets.

Certificates of a host come from --cacert, --cert and --key, its [host."H"] table, or the folder of its name (with the port, if it was written) in ~/.config/containers/certs.d, ~/.config/docker/certs.d, /etc/containers/certs.d or /etc/docker/certs.d: *.crt are authorities besides the system's, NAME.cert and NAME.key a client certificate. They are for that host only, not for mirrors, token servers or redirects. SSL_CERT_FILE and SSL_CERT_DIR replace the system's authorities; SSLKEYLOGFILE is ignored.

Through a proxy the address of a host is not seen: only addresses written in URLs are judged then. --trace shows the proxy, never its password.

A certificate error never leads to plain http. Redirects may not lead from https to http, nor from a public registry to a private address.

Blobs and manifests are verified against their digest and size while they arrive. A transfer that breaks is resumed; what may be repeated is repeated up to --retries times, with the pause that the registry asks for.
)";

constexpr std::array kTopics{
    Topic{"exit-codes", "Exit codes", kExitCodes},
    Topic{"references", "References", kReferences},
    Topic{"authentication", "Authentication", kAuthentication},
    Topic{"formatting", "Formatting", kFormatting},
    Topic{"environment", "Environment", kEnvironment},
    Topic{"transports", "Transports", kTransports},
};

}  // namespace

std::span<const Topic> topics() noexcept {
    return kTopics;
}

}  // namespace regtool::cli
