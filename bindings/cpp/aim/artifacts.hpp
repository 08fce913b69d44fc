/// @file
/// Artifacts: files and directories that a run makes or uses.
#pragma once

#include "json.hpp"
#include "options.hpp"
#include "text.hpp"
#include "value.hpp"

#include <aim.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aim {

/// What becomes of the file of an artifact.
enum class ArtifactMode : std::int32_t {
    reference = AIM_ARTIFACT_REFERENCE, ///< It stays where it is.
    link = AIM_ARTIFACT_LINK,           ///< It gets a second name in the repository, and may go.
    copy = AIM_ARTIFACT_COPY,           ///< It is copied into the repository.
};

/// How a file or directory is logged; as aim_artifact_options.
struct ArtifactOptions {
    /// None: the last part of the path.
    std::optional<std::string> name = {};
    /// "model", "checkpoint", "dataset", ...; none: "file".
    std::optional<std::string> kind = {};
    /// An object, or null.
    Value metadata = {};
    /// More names for the version; each moves here.
    std::vector<std::string> aliases = {};
    /// The step at which it was made.
    std::optional<std::int64_t> step = {};
    /// What becomes of the file.
    ArtifactMode mode = ArtifactMode::reference;
    /// Whether its SHA-256 is made.
    bool checksum = true;
    /// Whether the call waits until it is copied and summed.
    bool wait = false;
};

/// A version of an artifact, or what is to become one.
struct Artifact {
    /// What it is called.
    std::string name;
    /// Counted from 0 within the run and name; none until it is summed.
    std::optional<std::int64_t> version;
    /// "model", "checkpoint", ...
    std::string kind;
    /// Where it was logged, and where its bytes are now.
    ///@{
    std::string path, content;
    ///@}
    /// Bytes.
    std::optional<std::int64_t> size;
    /// Nanoseconds since 1970-01-01 UTC.
    std::optional<std::int64_t> mtime;
    /// SHA-256 in hex; of a directory that of its list of files.
    std::optional<std::string> checksum;
    /// How many files a directory has.
    std::optional<std::int64_t> files;
    /// The step at which it was made.
    std::optional<std::int64_t> step;
    /// To where it was pushed.
    std::optional<std::string> uri;
    /// "best", "latest", ...
    std::vector<std::string> aliases;
    /// "stored", "queued", or "failed: " and why.
    std::string state;
};

/// What a check of an artifact found.
struct VerifiedArtifact {
    /// What it is called.
    std::string name;
    /// Its version, if it has one.
    std::optional<std::int64_t> version;
    /// "intact", "changed", "missing" or "unknown".
    std::string found;
    /// More of it in words, unless it is intact.
    std::string detail;
};

/// A run that uses an artifact.
struct ArtifactUser {
    /// Its hash.
    std::string run;
    /// The version that it used; none if it used the same bytes under another name.
    std::optional<std::int64_t> version;
    /// When it said so, in microseconds since 1970-01-01 UTC.
    std::int64_t time = 0;
};

namespace detail {

/// Calls `use` with the options as C has them.
template <class Use> auto with_artifact_options(Text path, const ArtifactOptions &options, Use use) {
    std::string aliases;
    for (const std::string &alias : options.aliases) {
        if (!aliases.empty()) aliases += ',';
        aliases += alias;
    }
    return options.metadata.as_context([&](const char *metadata) {
        aim_artifact_options c_options = AIM_ARTIFACT_OPTIONS_INIT;
        c_options.path = path.c_str();
        c_options.name = c_str(options.name);
        c_options.kind = c_str(options.kind);
        c_options.metadata = metadata;
        c_options.aliases = aliases.empty() ? nullptr : Text(aliases).c_str();
        if (options.step) c_options.step = *options.step;
        c_options.mode = static_cast<std::int32_t>(options.mode);
        c_options.no_checksum = options.checksum ? 0 : 1;
        c_options.wait = options.wait ? 1 : 0;
        return use(&c_options);
    });
}

inline std::vector<Artifact> parse_artifacts(const std::string &json) {
    std::vector<Artifact> all;
    JsonReader reader(json);
    reader.array([&] {
        Artifact &artifact = all.emplace_back();
        reader.object([&](const std::string &name) {
            if (name == "name") artifact.name = reader.string().value_or("");
            else if (name == "version") artifact.version = reader.scalar<std::int64_t>();
            else if (name == "type") artifact.kind = reader.string().value_or("");
            else if (name == "path") artifact.path = reader.string().value_or("");
            else if (name == "content") artifact.content = reader.string().value_or("");
            else if (name == "size") artifact.size = reader.scalar<std::int64_t>();
            else if (name == "mtime") artifact.mtime = reader.scalar<std::int64_t>();
            else if (name == "checksum") artifact.checksum = reader.string();
            else if (name == "files") artifact.files = reader.scalar<std::int64_t>();
            else if (name == "step") artifact.step = reader.scalar<std::int64_t>();
            else if (name == "uri") artifact.uri = reader.string();
            else if (name == "aliases") reader.array([&] { artifact.aliases.push_back(reader.string().value_or("")); });
            else if (name == "state") artifact.state = reader.string().value_or("");
            else reader.skip();
        });
    });
    return all;
}

inline std::vector<VerifiedArtifact> parse_verified(const std::string &json) {
    std::vector<VerifiedArtifact> all;
    JsonReader reader(json);
    reader.array([&] {
        VerifiedArtifact &artifact = all.emplace_back();
        reader.object([&](const std::string &name) {
            if (name == "name") artifact.name = reader.string().value_or("");
            else if (name == "version") artifact.version = reader.scalar<std::int64_t>();
            else if (name == "found") artifact.found = reader.string().value_or("");
            else if (name == "detail") artifact.detail = reader.string().value_or("");
            else reader.skip();
        });
    });
    return all;
}

inline std::vector<ArtifactUser> parse_users(const std::string &json) {
    std::vector<ArtifactUser> all;
    JsonReader reader(json);
    reader.array([&] {
        ArtifactUser &user = all.emplace_back();
        reader.object([&](const std::string &name) {
            if (name == "run") user.run = reader.string().value_or("");
            else if (name == "version") user.version = reader.scalar<std::int64_t>();
            else if (name == "time") user.time = reader.scalar<std::int64_t>().value_or(0);
            else reader.skip();
        });
    });
    return all;
}

} // namespace detail
} // namespace aim
