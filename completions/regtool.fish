# fish completion for regtool, made by "regtool completion fish"

# The words of the command that were typed so far, options left out.
function __regtool_words
    set -l tokens (commandline -opc)
    set -e tokens[1]
    for token in $tokens
        string match -q -- '-*' $token; or echo $token
    end
end

function __regtool_needs_command
    test (count (__regtool_words)) -eq 0
end

function __regtool_in_group
    set -l words (__regtool_words)
    test (count $words) -eq 1; and test "$words[1]" = "$argv[1]"
end

function __regtool_using
    set -l words (__regtool_words)
    set -l want (string split ' ' -- $argv[1])
    test (count $words) -ge (count $want); or return 1
    for i in (seq (count $want))
        test "$words[$i]" = "$want[$i]"; or return 1
    end
end

# Names from the registry: repositories of a host, tags of a repository.
function __regtool_names
    set -l cur (commandline -ct)
    set -l quick --quiet --retries 0 --timeout 2s
    if string match -qr '^.*/.*:[^/]*$|^[^/]+:[^0-9/][^/]*$' -- $cur
        set -l base (string replace -r ':[^:/]*$' '' -- $cur)
        regtool tags $quick $base 2>/dev/null | string replace -r '^' "$base:"
    else if string match -q '*/*' -- $cur
        set -l base (string split -m1 / -- $cur)[1]
        regtool catalog $quick $base 2>/dev/null | string replace -r '^' "$base/"
    end
end

complete -c regtool -f
complete -c regtool -n __regtool_needs_command -a inspect -d 'Describe an image'
complete -c regtool -n __regtool_needs_command -a manifest -d 'Print a manifest or index, byte for byte'
complete -c regtool -n __regtool_needs_command -a config -d 'Print the image configuration, byte for byte'
complete -c regtool -n __regtool_needs_command -a digest -d 'Print the digest that a name points to'
complete -c regtool -n __regtool_needs_command -a history -d 'Show the steps that made an image, with their layers'
complete -c regtool -n __regtool_needs_command -a size -d 'Show the stored size of an image, platform by platform'
complete -c regtool -n __regtool_needs_command -a tags -d 'List the tags of a repository or the names in a layout or archive'
complete -c regtool -n __regtool_needs_command -a catalog -d 'List the repositories of a registry'
complete -c regtool -n __regtool_needs_command -a exists -d 'Tell by the exit code whether an image exists'
complete -c regtool -n __regtool_needs_command -a ls -d 'List files of an image as a container would see them'
complete -c regtool -n __regtool_needs_command -a cat -d 'Write the bytes of files of an image'
complete -c regtool -n __regtool_needs_command -a find -d 'Find files of an image by name, type, size, mode or time'
complete -c regtool -n __regtool_needs_command -a blame -d 'Tell which layer added, replaced or deleted a path'
complete -c regtool -n __regtool_needs_command -a extract -d 'Write files of an image into a folder'
complete -c regtool -n __regtool_needs_command -a export -d 'Write the merged file system of an image as one tar'
complete -c regtool -n __regtool_needs_command -a waste -d 'Show bytes that are shipped but hidden by later layers'
complete -c regtool -n __regtool_needs_command -a copy -d 'Copy an image between registries, folders and archives'
complete -c regtool -n __regtool_needs_command -a pull -d 'Copy images to a folder or an archive on this machine'
complete -c regtool -n __regtool_needs_command -a push -d 'Copy an image from a folder or an archive to a registry'
complete -c regtool -n __regtool_needs_command -a retag -d 'Give an image another name, with the very same bytes'
complete -c regtool -n __regtool_needs_command -a login -d 'Check credentials and keep them for later commands'
complete -c regtool -n __regtool_needs_command -a logout -d 'Forget the credentials of a registry'
complete -c regtool -n __regtool_needs_command -a api -d 'Send one authenticated request to a registry\'s API'
complete -c regtool -n __regtool_needs_command -a doctor -d 'Find out why a registry does not do what it should'
complete -c regtool -n __regtool_needs_command -a serve -d 'Serve an OCI image layout as a registry'
complete -c regtool -n __regtool_needs_command -a completion -d 'Print a completion script for bash, zsh or fish'
complete -c regtool -n __regtool_needs_command -a version -d 'Show the version and those of the libraries'
complete -c regtool -n __regtool_needs_command -a help -d 'Explain a topic or a command'
complete -c regtool -n __regtool_needs_command -a auth
complete -c regtool -n '__regtool_in_group auth' -a 'get token'
complete -c regtool -n __regtool_needs_command -a blob
complete -c regtool -n '__regtool_in_group blob' -a 'get head size verify'
complete -c regtool -n __regtool_needs_command -a config
complete -c regtool -n '__regtool_in_group config' -a 'get'
complete -c regtool -n __regtool_needs_command -a layer
complete -c regtool -n '__regtool_in_group layer' -a 'ls get'
complete -c regtool -n __regtool_needs_command -a manifest
complete -c regtool -n '__regtool_in_group manifest' -a 'head put'
complete -c regtool -s h -l help -d 'Show this help'
complete -c regtool -l platform -x -d 'Platform to take from an index (default: linux and this machine\'s)'
complete -c regtool -l authfile -rF -d 'Read credentials from this file only'
complete -c regtool -l creds -x -d 'Credentials for every registry of this command; better in REGTOOL_CREDS'
complete -c regtool -l anonymous -d 'Send no credentials'
complete -c regtool -l cacert -rF -d 'Trust these certificate authorities (PEM)'
complete -c regtool -l cert -rF -d 'Client certificate (PEM)'
complete -c regtool -l key -rF -d 'Key of the client certificate (PEM)'
complete -c regtool -l certs-dir -x -d 'Look for HOST/*.crt, *.cert and *.key here instead of in certs.d'
complete -c regtool -l plain-http -x -d 'Speak plain http to this host; may be repeated'
complete -c regtool -l insecure-tls -x -d 'Do not verify this host\'s certificate; may be repeated'
complete -c regtool -l insecure-credentials -x -d 'Send credentials to this host although its certificate is not verified'
complete -c regtool -l registries-conf -rF -d 'Read mirrors and places of registries from this registries.conf'
complete -c regtool -l connect-timeout -x -d 'Give up a connection that is not ready by then (15s)'
complete -c regtool -l stall-timeout -x -d 'Give up a transfer that moves no byte for so long (60s)'
complete -c regtool -l timeout -x -d 'End the whole command after this time with exit code 124'
complete -c regtool -l retries -x -d 'Repeat what may be repeated so often (4)'
complete -c regtool -l max-requests -x -d 'End with exit code 6 before more requests than this are sent'
complete -c regtool -s j -l jobs -x -d 'Do so much at once (6)'
complete -c regtool -l limit-rate -x -d 'Bytes a second at most: 500k, 2M'
complete -c regtool -l format -xa 'text json ndjson' -d 'text, json or ndjson'
complete -c regtool -l jq -x -d 'Filter the JSON result; strings come out raw'
complete -c regtool -s q -l quiet -d 'No progress and no warnings'
complete -c regtool -s v -l verbose -d 'Say more; may be repeated'
complete -c regtool -l trace -d 'Show every request and answer, secrets removed'
complete -c regtool -l as-curl -d 'Show every request as a curl command line, secrets as variables'
complete -c regtool -l progress -xa 'auto bar plain json none' -d 'auto, bar, plain, json or none'
complete -c regtool -l color -xa 'auto always never' -d 'auto, always or never'
complete -c regtool -l config -rF -d 'Read options from here instead of ~/.config/regtool/config.toml'
complete -c regtool -n '__regtool_using \'inspect\'' -l tags -d 'List the repository\'s tags too'
complete -c regtool -n '__regtool_using \'inspect\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'manifest\'' -l pretty -d 'Indent also where no person looks'
complete -c regtool -n '__regtool_using \'manifest\'' -l raw -d 'The exact bytes also on a terminal'
complete -c regtool -n '__regtool_using \'manifest\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'manifest head\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'manifest put\'' -l media-type -x -d 'Media type, where the manifest does not say its own'
complete -c regtool -n '__regtool_using \'manifest put\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'config\'' -l pretty -d 'Indent also where no person looks'
complete -c regtool -n '__regtool_using \'config\'' -l raw -d 'The exact bytes also on a terminal'
complete -c regtool -n '__regtool_using \'config\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'digest\'' -l full -d 'Print REPO@DIGEST'
complete -c regtool -n '__regtool_using \'digest\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'history\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'size\'' -l unpacked -d 'Read the layers and count what they unpack to'
complete -c regtool -n '__regtool_using \'size\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'tags\'' -l limit -x -d 'Stop after so many tags'
complete -c regtool -n '__regtool_using \'tags\'' -l last -x -d 'Begin after this tag'
complete -c regtool -n '__regtool_using \'tags\'' -l filter -x -d 'Only tags that match this extended regular expression'
complete -c regtool -n '__regtool_using \'tags\'' -l semver -x -d 'Only versions in this range: ^1.2, ~1.2.3, \'>=1 <3\', 1.x'
complete -c regtool -n '__regtool_using \'tags\'' -l sort -x -d 'name, semver or created; else the registry\'s order'
complete -c regtool -n '__regtool_using \'tags\'' -l long -d 'Digest, creation time, size and platforms of each tag'
complete -c regtool -n '__regtool_using \'tags\'' -l points-at -x -d 'Only tags that point to this digest or tag'
complete -c regtool -n '__regtool_using \'tags\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'catalog\'' -l limit -x -d 'Stop after so many repositories'
complete -c regtool -n '__regtool_using \'catalog\'' -l last -x -d 'Begin after this repository'
complete -c regtool -n '__regtool_using \'catalog\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'exists\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'layer ls\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'layer get\'' -s o -l output -rF -d 'Write to this file, which appears only when verified; goes on with the part that a killed run left'
complete -c regtool -n '__regtool_using \'layer get\'' -l decompress -d 'Write what the gzip or zstd stream unpacks to'
complete -c regtool -n '__regtool_using \'layer get\'' -l parallel-ranges -x -d 'Read large blobs over so many connections, for servers that limit each (default: one, then four when that one is the limit)'
complete -c regtool -n '__regtool_using \'layer get\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'ls\'' -s l -d 'Mode, owner, size, time and layer of each'
complete -c regtool -n '__regtool_using \'ls\'' -s R -l recursive -d 'All below, with whole paths'
complete -c regtool -n '__regtool_using \'ls\'' -l all -d 'Also what a layer deleted, and which one'
complete -c regtool -n '__regtool_using \'ls\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'cat\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'find\'' -l name -x -d 'Last part of the path matches this pattern'
complete -c regtool -n '__regtool_using \'find\'' -l regex -x -d 'Path matches this extended regular expression'
complete -c regtool -n '__regtool_using \'find\'' -l type -x -d 'One or more of f file, d folder, l link, c b devices, p pipe, s socket'
complete -c regtool -n '__regtool_using \'find\'' -l size -x -d 'Files of more (+N), less (-N) or just N bytes; k, M, G for 1024 of them'
complete -c regtool -n '__regtool_using \'find\'' -l setuid -d 'Setuid and setgid files'
complete -c regtool -n '__regtool_using \'find\'' -l newer -x -d 'Changed after this time'
complete -c regtool -n '__regtool_using \'find\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'blame\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'extract\'' -s C -l directory -x -d 'Folder to write into, made when missing'
complete -c regtool -n '__regtool_using \'extract\'' -l devices -d 'As root: make devices and pipes too'
complete -c regtool -n '__regtool_using \'extract\'' -l preserve -d 'Keep setuid, setgid and sticky bits also for others than root'
complete -c regtool -n '__regtool_using \'extract\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'export\'' -s o -l output -rF -d 'Write to this file, which appears only when it is whole'
complete -c regtool -n '__regtool_using \'export\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'waste\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'blob get\'' -l layer -x -d 'A layer of the image: 0 is the lowest, -1 or last the top one, or the beginning of a digest'
complete -c regtool -n '__regtool_using \'blob get\'' -l config -d 'The image\'s configuration'
complete -c regtool -n '__regtool_using \'blob get\'' -s o -l output -rF -d 'Write to this file, which appears only when verified; goes on with the part that a killed run left'
complete -c regtool -n '__regtool_using \'blob get\'' -l decompress -d 'Write what the gzip or zstd stream unpacks to'
complete -c regtool -n '__regtool_using \'blob get\'' -l parallel-ranges -x -d 'Read large blobs over so many connections, for servers that limit each (default: one, then four when that one is the limit)'
complete -c regtool -n '__regtool_using \'blob get\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'blob head\'' -l layer -x -d 'A layer of the image: 0 is the lowest, -1 or last the top one, or the beginning of a digest'
complete -c regtool -n '__regtool_using \'blob head\'' -l config -d 'The image\'s configuration'
complete -c regtool -n '__regtool_using \'blob head\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'blob size\'' -l layer -x -d 'A layer of the image: 0 is the lowest, -1 or last the top one, or the beginning of a digest'
complete -c regtool -n '__regtool_using \'blob size\'' -l config -d 'The image\'s configuration'
complete -c regtool -n '__regtool_using \'blob size\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'blob verify\'' -l layer -x -d 'A layer of the image: 0 is the lowest, -1 or last the top one, or the beginning of a digest'
complete -c regtool -n '__regtool_using \'blob verify\'' -l config -d 'The image\'s configuration'
complete -c regtool -n '__regtool_using \'blob verify\'' -l parallel-ranges -x -d 'Read large blobs over so many connections, for servers that limit each (default: one, then four when that one is the limit)'
complete -c regtool -n '__regtool_using \'blob verify\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'copy\'' -l all-tags -d 'Every tag of the repository SRC to the repository DST'
complete -c regtool -n '__regtool_using \'copy\'' -l filter -x -d 'With --all-tags: only tags that match this POSIX extended expression'
complete -c regtool -n '__regtool_using \'copy\'' -l also -x -d 'Another tag in DST for the same image; repeatable'
complete -c regtool -n '__regtool_using \'copy\'' -l if-digest -x -d 'Only if SRC is at this digest; exit code 8 otherwise'
complete -c regtool -n '__regtool_using \'copy\'' -l dry-run -d 'Print what would be moved, mounted and left alone, and change nothing'
complete -c regtool -n '__regtool_using \'copy\'' -l no-clobber -d 'Leave names alone that have another digest; exit code 8'
complete -c regtool -n '__regtool_using \'copy\'' -l foreign-layers -d 'Move non-distributable layers too, where the source has them'
complete -c regtool -n '__regtool_using \'copy\'' -l referrers -d 'Copy what refers to it too: signatures, SBOMs, and theirs'
complete -c regtool -n '__regtool_using \'copy\'' -l digest-tags -d 'Copy tags such as sha256-<hex>.sig, .att and .sbom of what is copied too'
complete -c regtool -n '__regtool_using \'copy\'' -l manifest-format -x -d 'Convert to oci or docker manifests; the digest changes'
complete -c regtool -n '__regtool_using \'copy\'' -l compress -x -d 'Pack layers anew with gzip or zstd; the digest changes'
complete -c regtool -n '__regtool_using \'copy\'' -l compress-level -x -d 'gzip: 1 (fast, the default) to 9; zstd: 1 to 19, 3 is the default'
complete -c regtool -n '__regtool_using \'copy\'' -l digest-file -rF -d 'Write the digest of what was copied to a file, one a line'
complete -c regtool -n '__regtool_using \'pull\'' -l dry-run -d 'Print what would be moved, mounted and left alone, and change nothing'
complete -c regtool -n '__regtool_using \'pull\'' -l no-clobber -d 'Leave names alone that have another digest; exit code 8'
complete -c regtool -n '__regtool_using \'pull\'' -l foreign-layers -d 'Move non-distributable layers too, where the source has them'
complete -c regtool -n '__regtool_using \'pull\'' -l referrers -d 'Copy what refers to it too: signatures, SBOMs, and theirs'
complete -c regtool -n '__regtool_using \'pull\'' -l digest-tags -d 'Copy tags such as sha256-<hex>.sig, .att and .sbom of what is copied too'
complete -c regtool -n '__regtool_using \'pull\'' -l manifest-format -x -d 'Convert to oci or docker manifests; the digest changes'
complete -c regtool -n '__regtool_using \'pull\'' -l compress -x -d 'Pack layers anew with gzip or zstd; the digest changes'
complete -c regtool -n '__regtool_using \'pull\'' -l compress-level -x -d 'gzip: 1 (fast, the default) to 9; zstd: 1 to 19, 3 is the default'
complete -c regtool -n '__regtool_using \'pull\'' -l digest-file -rF -d 'Write the digest of what was copied to a file, one a line'
complete -c regtool -n '__regtool_using \'pull\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'push\'' -l also -x -d 'Another tag for the same image; repeatable'
complete -c regtool -n '__regtool_using \'push\'' -l dry-run -d 'Print what would be moved, mounted and left alone, and change nothing'
complete -c regtool -n '__regtool_using \'push\'' -l no-clobber -d 'Leave names alone that have another digest; exit code 8'
complete -c regtool -n '__regtool_using \'push\'' -l foreign-layers -d 'Move non-distributable layers too, where the source has them'
complete -c regtool -n '__regtool_using \'push\'' -l referrers -d 'Copy what refers to it too: signatures, SBOMs, and theirs'
complete -c regtool -n '__regtool_using \'push\'' -l digest-tags -d 'Copy tags such as sha256-<hex>.sig, .att and .sbom of what is copied too'
complete -c regtool -n '__regtool_using \'push\'' -l manifest-format -x -d 'Convert to oci or docker manifests; the digest changes'
complete -c regtool -n '__regtool_using \'push\'' -l compress -x -d 'Pack layers anew with gzip or zstd; the digest changes'
complete -c regtool -n '__regtool_using \'push\'' -l compress-level -x -d 'gzip: 1 (fast, the default) to 9; zstd: 1 to 19, 3 is the default'
complete -c regtool -n '__regtool_using \'push\'' -l digest-file -rF -d 'Write the digest of what was copied to a file, one a line'
complete -c regtool -n '__regtool_using \'retag\'' -l if-digest -x -d 'Only if IMAGE is still at this digest; exit code 8 otherwise'
complete -c regtool -n '__regtool_using \'retag\'' -l no-clobber -d 'Leave names alone that have another digest; exit code 8'
complete -c regtool -n '__regtool_using \'retag\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'login\'' -s u -l username -x -d 'User name; asked for when left out'
complete -c regtool -n '__regtool_using \'login\'' -l password-stdin -d 'Read the password from standard input'
complete -c regtool -n '__regtool_using \'login\'' -l identity-token-stdin -d 'Read an identity (OAuth2 refresh) token from standard input'
complete -c regtool -n '__regtool_using \'login\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'logout\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'auth get\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'auth token\'' -l actions -x -d 'What the token is to allow (pull)'
complete -c regtool -n '__regtool_using \'auth token\'' -a '(__regtool_names)'
complete -c regtool -n '__regtool_using \'api\'' -s H -l header -x -d 'Send this header; may be repeated'
complete -c regtool -n '__regtool_using \'api\'' -l input -rF -d 'Send this file (- is standard input) as the body'
complete -c regtool -n '__regtool_using \'api\'' -l scope -x -d 'Ask tokens for this (guessed from the path); may be repeated'
complete -c regtool -n '__regtool_using \'api\'' -s i -l include -d 'Print the answer\'s status and headers too'
complete -c regtool -n '__regtool_using \'api\'' -l paginate -d 'Follow Link headers to further pages'
complete -c regtool -n '__regtool_using \'serve\'' -l root -x -d 'OCI image layout to serve, made when it is not there; :memory: (the default) keeps all in memory and forgets it'
complete -c regtool -n '__regtool_using \'serve\'' -l listen -x -d 'Address and port; port 0 takes a free one (default 127.0.0.1:5000)'
complete -c regtool -n '__regtool_using \'serve\'' -l repository -x -d 'Repository of what has a plain tag in the layout (default: the folder\'s name)'
complete -c regtool -n '__regtool_using \'serve\'' -l read-only -d 'Answer reads alone; write nothing'
complete -c regtool -n '__regtool_using \'serve\'' -l htpasswd -rF -d 'Ask for one of these users\' passwords (lines as htpasswd -B writes them)'
complete -c regtool -n '__regtool_using \'serve\'' -l tls-cert -rF -d 'Certificate and its chain, PEM; speaks https'
complete -c regtool -n '__regtool_using \'serve\'' -l tls-key -rF -d 'The certificate\'s key, PEM'
complete -c regtool -n '__regtool_using \'serve\'' -l port-file -rF -d 'Write the port into this file when requests are answered'
complete -c regtool -n '__regtool_using \'serve\'' -l max-blob -x -d 'Refuse larger blobs (default 64 GiB)'
complete -c regtool -n '__regtool_using \'serve\'' -l memory-limit -x -d 'Bytes that :memory: may hold (default 2 GiB)'
complete -c regtool -n '__regtool_using \'config get\'' -l origin -d 'Say where each value comes from: flag, environment, the file, default'
complete -c regtool -n '__regtool_using \'completion\'' -a 'bash zsh fish'
complete -c regtool -n '__regtool_using \'help\'' -a 'exit-codes references authentication formatting environment transports'
