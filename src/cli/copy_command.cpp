#include "cli/copy_command.hpp"

#include <unistd.h>

#include "cli/arguments.hpp"
#include "regtool/base/output_file.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/compressor.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

void say(Session& session, const std::string& line) {
    session.end_progress();
    if (!session.options.quiet) {
        base::write_all(STDERR_FILENO, base::as_bytes(line + "\n"), "standard error");
    }
}

ops::Conversion conversion_of(const CopyFlags& flags) {
    ops::Conversion conversion;
    if (!flags.manifest_format.empty()) {
        conversion.format =
            flags.manifest_format == "oci" ? ops::ManifestFormat::oci : ops::ManifestFormat::docker;
    }
    if (!flags.compress.empty()) {
        conversion.compression =
            flags.compress == "zstd" ? stream::Compression::zstd : stream::Compression::gzip;
        conversion.level = flags.compress_level;
        // A level that the method does not have is refused before anything is read.
        stream::NullSink nowhere;
        (void)stream::CompressingSink(nowhere, *conversion.compression, conversion.level);
    }
    return conversion;
}

/// A digest that is not the source's is what scripts that pin digests trip over.
void say_changes(Session& session, const ops::CopyReport& report) {
    for (const ops::CopiedImage& image : report.images) {
        if (image.digest != image.source_digest && image.error.empty()) {
            say(session, "the digest changed: " + base::printable(image.source) + " is " +
                             image.source_digest + ", the copy " + image.digest);
        }
    }
    for (const std::string& note : report.notes) {
        say(session, "note: " + base::printable(note));
    }
}

void warn_of_missing(Session& session, const ops::CopyReport& report) {
    for (const ops::MissingManifest& missing : report.missing) {
        session.log().warn(
            (report.dry_run ? "to be left out: manifest " : "left out: manifest ") +
            missing.digest +
            (missing.platform.empty() ? "" : " (" + base::printable(missing.platform) + ")") +
            ", which the index " + missing.index + " lists and " + base::printable(missing.source) +
            " does not have");
    }
}

void write_digest_file(const std::string& path, const ops::CopyReport& report) {
    std::string text;
    for (const ops::CopiedImage& image : report.images) {
        if (image.error.empty()) {
            text += image.digest + "\n";
        }
    }
    base::OutputFile file(path);
    file.write(base::as_bytes(text));
    file.commit();
}

}  // namespace

void add_copy_flags(Arguments& app, CopyFlags& flags, Session& session) {
    app.add_flag("--dry-run", flags.copy.dry_run,
                 "Print what would be moved, mounted and left alone, and change nothing");
    app.add_flag("--no-clobber", flags.copy.no_clobber,
                 "Leave names alone that have another digest; exit code 8");
    app.add_flag("--foreign-layers", flags.copy.foreign_layers,
                 "Move non-distributable layers too, where the source has them");
    auto* allow_missing =
        app.add_flag("--allow-missing", flags.copy.allow_missing,
                     "Copy an index without those of its manifests that the source does not have");
    auto* referrers = app.add_flag("--referrers", flags.copy.referrers,
                                   "Copy what refers to it too: signatures, SBOMs, and theirs");
    auto* digest_tags =
        app.add_flag("--digest-tags", flags.copy.digest_tags,
                     "Copy tags such as sha256-<hex>.sig, .att and .sbom of what is copied too");
    app.add_option("--manifest-format", flags.manifest_format,
                   "Convert to oci or docker manifests; the digest changes; also --format oci")
        ->type_name("FORM")
        ->one_of({"oci", "docker"})
        ->excludes(digest_tags)
        ->excludes(referrers)
        ->excludes(allow_missing);
    for (const char* format : {"oci", "docker"}) {
        session.options.command_formats[format] = [&flags, format] {
            // As excluded above, before anything is asked for.
            if (flags.copy.referrers || flags.copy.digest_tags || flags.copy.allow_missing) {
                throw base::UsageError(
                    "manifests of another form have other digests: --referrers, --digest-tags and "
                    "--allow-missing go by those of now");
            }
            flags.manifest_format = format;
        };
    }
    auto* compress = app.add_option("--compress", flags.compress,
                                    "Pack layers anew with gzip or zstd; the digest changes")
                         ->type_name("METHOD")
                         ->one_of({"gzip", "zstd"})
                         ->excludes(digest_tags)
                         ->excludes(referrers)
                         ->excludes(allow_missing);
    app.add_option("--compress-level", flags.compress_level,
                   "gzip: 1 (fast, the default) to 9; zstd: 1 to 19, 3 is the default")
        ->type_name("N")
        ->needs(compress);
    app.add_option("--digest-file", flags.digest_file,
                   "Write the digest of what was copied to a file, one a line")
        ->type_name("FILE");
}

std::vector<model::Platform> platform_list(const Session& session) {
    std::vector<model::Platform> platforms;
    if (!session.options.platform.empty()) {
        for (const std::string_view text : base::split(session.options.platform, ',')) {
            platforms.push_back(model::Platform::parse(base::trim(text)));
        }
    }
    return platforms;
}

ops::CopyReport run_copy(Session& session,
                         const CopyFlags& flags,
                         const std::vector<ops::CopyItem>& items,
                         store::ImageTarget& target) {
    ops::CopyOptions options = flags.copy;
    options.conversion = conversion_of(flags);
    options.jobs = session.options.jobs;
    ops::CopyReport report =
        ops::copy_images(items, target, options, session.progress(), session.stop());
    session.end_progress();
    ui::show(session.out(), report);
    session.out().flush();
    if (!options.dry_run) {
        if (!session.out().structured()) {
            say(session, ui::copy_summary(report));
        }
        if (!flags.digest_file.empty()) {
            write_digest_file(flags.digest_file, report);
        }
    }
    say_changes(session, report);
    warn_of_missing(session, report);
    return report;
}

}  // namespace regtool::cli
