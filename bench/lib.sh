# What the measurements share; sourced by them. Sets `root`, `regtool` (the first argument, else $REGTOOL, else the release
# build), `work` (a folder that is removed at the end) and `images` ($BENCH_IMAGES, else below `work`); ends the processes
# named in `pids`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
regtool=$(realpath -e "${1:-${REGTOOL:-$root/build/release/src/cli/regtool}}")
images=${BENCH_IMAGES:+$(realpath -m "$BENCH_IMAGES")}
cd "$root"
work=$(mktemp -d)
images=${images:-$work/images}
pids=()
finish() {
    [ ${#pids[@]} -eq 0 ] || { kill "${pids[@]}" && wait "${pids[@]}"; } 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Waits until the URL is answered; ends the run when a server has ended.
until_answered() { # URL
    for _ in $(seq 100); do
        ! curl -sf -o /dev/null --max-time 5 -r 0-0 "$1" || return 0
        kill -0 "${pids[@]}"
        sleep 0.1
    done
    echo "no answer from $1" >&2
    return 1
}

start_registry() { # NAME PORT
    cat > "$work/$1.yml" <<CONFIG
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/$1}}
http: {addr: 127.0.0.1:$2}
CONFIG
    docker-registry serve "$work/$1.yml" >/dev/null 2>&1 &
    pids+=($!)
    until_answered "http://127.0.0.1:$2/v2/"
}

# The part of nginx's configuration that lets it run from `work` as anybody, then the servers of standard input.
start_nginx() {
    mkdir -p "$work/temp"
    chmod 755 "$work"
    {
        cat <<CONFIG
daemon off;
pid $work/nginx.pid;
error_log $work/error.log;
worker_processes 1;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path $work/temp; proxy_temp_path $work/temp; fastcgi_temp_path $work/temp;
    uwsgi_temp_path $work/temp; scgi_temp_path $work/temp;
CONFIG
        cat
        echo '}'
    } > "$work/nginx.conf"
    nginx -c "$work/nginx.conf" -p "$work" 2>/dev/null &
    pids+=($!)
}

table_head() {
    echo "| what | regtool | other | ratio | limit | processor | memory |"
    echo "|---|---|---|---|---|---|---|"
}
row() { python3 bench/measure.py "$@"; }
