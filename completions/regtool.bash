# bash completion for regtool, made by "regtool completion bash"

# Names from the registry: repositories of a host, tags of a repository.
_regtool_names() {
    local cur=$1 base
    local quick="--quiet --retries 0 --timeout 2s"
    case $cur in
        *@*) ;;
        */*:*|[!/]*:[!0-9/]*)
            base=${cur%:*}
            regtool tags $quick "$base" 2>/dev/null | sed "s|^|$base:|" ;;
        */*)
            base=${cur%%/*}
            regtool catalog $quick "$base" 2>/dev/null | sed "s|^|$base/|" ;;
    esac
}

_regtool() {
    local line=${COMP_LINE:0:COMP_POINT} cur prev="" word command="" options="" words="" first="" second=""
    cur=${line##*[[:space:]]}
    line=${line%"$cur"}
    local -a typed
    read -ra typed <<< "$line"
    local skip=""
    for word in "${typed[@]:1}"; do
        prev=$word
        if [[ -n $skip ]]; then skip=""; continue; fi
        case $word in
            --actions|--also|--artifact-type|--authfile|--cacert|--cache-dir|--cert|--certs-dir|--color|--compress|--compress-level|--config|--connect-timeout|--creds|--digest|--digest-file|--directory|--filter|--format|--header|--htpasswd|--if-digest|--input|--insecure-credentials|--insecure-tls|--jobs|--jq|--key|--last|--layer|--limit|--limit-rate|--listen|--manifest-format|--max-blob|--max-requests|--media-type|--memory-limit|--name|--newer|--only|--output|--parallel-ranges|--plain-http|--platform|--points-at|--port-file|--progress|--regex|--registries-conf|--repository|--retries|--root|--scope|--semver|--size|--sort|--stall-timeout|--timeout|--tls-cert|--tls-key|--type|--user-agent|--username|-C|-H|-j|-o|-u) skip=1 ;;
            -*) ;;
            *) if [[ -z $first ]]; then first=$word; elif [[ -z $second ]]; then second=$word; fi ;;
        esac
    done
    case $first:$second:$prev in
        diff:*:--format) COMPREPLY=($(compgen -W "json ndjson text github" -- "$cur")); return 0 ;;
        copy:*:--format) COMPREPLY=($(compgen -W "json ndjson text docker oci" -- "$cur")); return 0 ;;
        pull:*:--format) COMPREPLY=($(compgen -W "json ndjson text docker oci" -- "$cur")); return 0 ;;
        push:*:--format) COMPREPLY=($(compgen -W "json ndjson text docker oci" -- "$cur")); return 0 ;;
        *:--color) COMPREPLY=($(compgen -W "always auto never" -- "$cur")); return 0 ;;
        *:--compress) COMPREPLY=($(compgen -W "gzip zstd" -- "$cur")); return 0 ;;
        *:--format) COMPREPLY=($(compgen -W "json ndjson text" -- "$cur")); return 0 ;;
        *:--manifest-format) COMPREPLY=($(compgen -W "oci docker" -- "$cur")); return 0 ;;
        *:--only) COMPREPLY=($(compgen -W "manifest config files packages" -- "$cur")); return 0 ;;
        *:--progress) COMPREPLY=($(compgen -W "auto bar json none plain" -- "$cur")); return 0 ;;
        *:--sort) COMPREPLY=($(compgen -W "name semver created" -- "$cur")); return 0 ;;
        *:--authfile|*:--cacert|*:--cert|*:--config|*:--digest-file|*:--htpasswd|*:--input|*:--key|*:--output|*:--port-file|*:--registries-conf|*:--tls-cert|*:--tls-key|*:-o) COMPREPLY=($(compgen -f -- "$cur")); return 0 ;;
    esac
    case $prev in
        --actions|--also|--artifact-type|--authfile|--cacert|--cache-dir|--cert|--certs-dir|--color|--compress|--compress-level|--config|--connect-timeout|--creds|--digest|--digest-file|--directory|--filter|--format|--header|--htpasswd|--if-digest|--input|--insecure-credentials|--insecure-tls|--jobs|--jq|--key|--last|--layer|--limit|--limit-rate|--listen|--manifest-format|--max-blob|--max-requests|--media-type|--memory-limit|--name|--newer|--only|--output|--parallel-ranges|--plain-http|--platform|--points-at|--port-file|--progress|--regex|--registries-conf|--repository|--retries|--root|--scope|--semver|--size|--sort|--stall-timeout|--timeout|--tls-cert|--tls-key|--type|--user-agent|--username|-C|-H|-j|-o|-u) return 0 ;;
    esac
    case "$first $second" in
        "manifest delete")
            options="-h --help -y --yes --ignore-missing --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="manifest delete" ;;
        "manifest head")
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="manifest head" ;;
        "manifest diff")
            options="-h --help --semantic --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="manifest diff" ;;
        "manifest put")
            options="-h --help --media-type --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="manifest put" ;;
        "blob verify")
            options="-h --help --layer --config --parallel-ranges --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color"
            command="blob verify" ;;
        "blob delete")
            options="-h --help -y --yes --ignore-missing --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="blob delete" ;;
        "blob mount")
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="blob mount" ;;
        "auth token")
            options="-h --help --actions --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="auth token" ;;
        "config get")
            options="-h --help --origin --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="config get" ;;
        "completion "*)
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="completion" ;;
        "layer get")
            options="-h --help -o --output --decompress --parallel-ranges --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="layer get" ;;
        "blob head")
            options="-h --help --layer --config --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color"
            command="blob head" ;;
        "blob size")
            options="-h --help --layer --config --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color"
            command="blob size" ;;
        "blob copy")
            options="-h --help --layer --config --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color"
            command="blob copy" ;;
        "referrers "*)
            options="-h --help --artifact-type --strict --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="referrers" ;;
        "manifest "*)
            options="-h --help --pretty --raw --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="manifest" ;;
        "layer ls")
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="layer ls" ;;
        "blob get")
            options="-h --help --layer --config -o --output --decompress --parallel-ranges --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color"
            command="blob get" ;;
        "blob put")
            options="-h --help --digest --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="blob put" ;;
        "auth get")
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="auth get" ;;
        "inspect "*)
            options="-h --help --tags --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="inspect" ;;
        "history "*)
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="history" ;;
        "catalog "*)
            options="-h --help --limit --last --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="catalog" ;;
        "extract "*)
            options="-h --help -C --directory --devices --preserve --allow-collisions --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="extract" ;;
        "version "*)
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="version" ;;
        "config "*)
            options="-h --help --pretty --raw --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="config" ;;
        "digest "*)
            options="-h --help --full --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="digest" ;;
        "exists "*)
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="exists" ;;
        "export "*)
            options="-h --help -o --output --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="export" ;;
        "delete "*)
            options="-h --help --untag --by-dummy -y --yes --ignore-missing --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="delete" ;;
        "logout "*)
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="logout" ;;
        "doctor "*)
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="doctor" ;;
        "blame "*)
            options="-h --help --verify --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="blame" ;;
        "waste "*)
            options="-h --help --verify --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="waste" ;;
        "retag "*)
            options="-h --help --if-digest --no-clobber --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="retag" ;;
        "login "*)
            options="-h --help -u --username --password-stdin --identity-token-stdin --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="login" ;;
        "serve "*)
            options="-h --help --root --listen --repository --read-only --htpasswd --tls-cert --tls-key --port-file --max-blob --memory-limit --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="serve" ;;
        "size "*)
            options="-h --help --unpacked --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="size" ;;
        "tags "*)
            options="-h --help --limit --last --filter --semver --sort --long --points-at --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="tags" ;;
        "find "*)
            options="-h --help --name --regex --type --size --setuid --newer --verify --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="find" ;;
        "diff "*)
            options="-h --help --only --semantic --github --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="diff" ;;
        "warm "*)
            options="-h --help --publish --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="warm" ;;
        "copy "*)
            options="-h --help --all-tags --filter --also --if-digest --dry-run --no-clobber --foreign-layers --allow-missing --referrers --digest-tags --manifest-format --compress --compress-level --digest-file --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="copy" ;;
        "pull "*)
            options="-h --help --dry-run --no-clobber --foreign-layers --allow-missing --referrers --digest-tags --manifest-format --compress --compress-level --digest-file --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="pull" ;;
        "push "*)
            options="-h --help --also --dry-run --no-clobber --foreign-layers --allow-missing --referrers --digest-tags --manifest-format --compress --compress-level --digest-file --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="push" ;;
        "help "*)
            options="-h --help --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="help" ;;
        "cat "*)
            options="-h --help --verify --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="cat" ;;
        "api "*)
            options="-h --help -H --header --input --scope -i --include --paginate --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="api" ;;
        "ls "*)
            options="-h --help -l -R --recursive --all --verify --platform --authfile --creds --anonymous --cacert --cert --key --certs-dir --plain-http --insecure-tls --insecure-credentials --registries-conf --user-agent --connect-timeout --stall-timeout --timeout --retries --max-requests -j --jobs --limit-rate --cache-dir --no-cache --format --jq -q --quiet -v --verbose --trace --as-curl --progress --color --config"
            command="ls" ;;
    esac
    if [[ $cur == -* ]]; then
        words=${options:-"--help --version"}
    elif [[ -z $first ]]; then
        words="api auth blame blob cat catalog completion config copy delete diff digest doctor exists export extract find help history inspect layer login logout ls manifest pull push referrers retag serve size tags version warm waste"
    else
        case $command in
            "inspect") words=$(_regtool_names "$cur") ;;
            "manifest") words=$(_regtool_names "$cur") ;;
            "manifest head") words=$(_regtool_names "$cur") ;;
            "manifest put") words=$(_regtool_names "$cur") ;;
            "config") words=$(_regtool_names "$cur") ;;
            "digest") words=$(_regtool_names "$cur") ;;
            "history") words=$(_regtool_names "$cur") ;;
            "size") words=$(_regtool_names "$cur") ;;
            "tags") words=$(_regtool_names "$cur") ;;
            "catalog") words=$(_regtool_names "$cur") ;;
            "exists") words=$(_regtool_names "$cur") ;;
            "layer ls") words=$(_regtool_names "$cur") ;;
            "layer get") words=$(_regtool_names "$cur") ;;
            "ls") words=$(_regtool_names "$cur") ;;
            "cat") words=$(_regtool_names "$cur") ;;
            "find") words=$(_regtool_names "$cur") ;;
            "blame") words=$(_regtool_names "$cur") ;;
            "extract") words=$(_regtool_names "$cur") ;;
            "export") words=$(_regtool_names "$cur") ;;
            "waste") words=$(_regtool_names "$cur") ;;
            "warm") words=$(_regtool_names "$cur") ;;
            "blob get") words=$(_regtool_names "$cur") ;;
            "blob head") words=$(_regtool_names "$cur") ;;
            "blob size") words=$(_regtool_names "$cur") ;;
            "blob verify") words=$(_regtool_names "$cur") ;;
            "blob put") words=$(_regtool_names "$cur") ;;
            "blob copy") words=$(_regtool_names "$cur") ;;
            "pull") words=$(_regtool_names "$cur") ;;
            "retag") words=$(_regtool_names "$cur") ;;
            "delete") words=$(_regtool_names "$cur") ;;
            "referrers") words=$(_regtool_names "$cur") ;;
            "login") words=$(_regtool_names "$cur") ;;
            "logout") words=$(_regtool_names "$cur") ;;
            "auth get") words=$(_regtool_names "$cur") ;;
            "auth token") words=$(_regtool_names "$cur") ;;
            "completion") words="bash zsh fish" ;;
            "help") words="exit-codes references authentication formatting environment transports" ;;
        esac
        if [[ -z $second ]]; then
            case $first in
                auth) words="get token $words" ;;
                blob) words="get head size verify put mount copy delete $words" ;;
                config) words="get $words" ;;
                layer) words="ls get $words" ;;
                manifest) words="head put delete diff $words" ;;
            esac
        fi
    fi
    local colon=""
    if [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]]; then
        colon=${cur%"${cur##*:}"}
    fi
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("${candidate#"$colon"}")
    done < <(compgen -W "$words" -- "$cur")
    [[ ${COMPREPLY[0]} == *: || ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -F _regtool regtool
