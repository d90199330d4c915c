#pragma once

#include "cli/command.hpp"

namespace regtool::cli {

// One per command, defined beside its code in cmd_<verb>.cpp; commands.cpp puts them in order.
extern const CommandSpec kApi;
extern const CommandSpec kAuthGet;
extern const CommandSpec kAuthToken;
extern const CommandSpec kBlame;
extern const CommandSpec kBlobCopy;
extern const CommandSpec kBlobDelete;
extern const CommandSpec kBlobGet;
extern const CommandSpec kBlobHead;
extern const CommandSpec kBlobMount;
extern const CommandSpec kBlobPut;
extern const CommandSpec kBlobSize;
extern const CommandSpec kBlobVerify;
extern const CommandSpec kCat;
extern const CommandSpec kCatalog;
extern const CommandSpec kCompletion;
extern const CommandSpec kConfig;
extern const CommandSpec kConfigGet;
extern const CommandSpec kCopy;
extern const CommandSpec kDelete;
extern const CommandSpec kDiff;
extern const CommandSpec kDigest;
extern const CommandSpec kDoctor;
extern const CommandSpec kExists;
extern const CommandSpec kExport;
extern const CommandSpec kExtract;
extern const CommandSpec kFind;
extern const CommandSpec kHelp;
extern const CommandSpec kHistory;
extern const CommandSpec kInspect;
extern const CommandSpec kLayerGet;
extern const CommandSpec kLayerLs;
extern const CommandSpec kLogin;
extern const CommandSpec kLogout;
extern const CommandSpec kLs;
extern const CommandSpec kManifestDelete;
extern const CommandSpec kManifestDiff;
extern const CommandSpec kManifestGet;
extern const CommandSpec kManifestHead;
extern const CommandSpec kManifestPut;
extern const CommandSpec kPull;
extern const CommandSpec kPush;
extern const CommandSpec kReferrers;
extern const CommandSpec kRetag;
extern const CommandSpec kServe;
extern const CommandSpec kSize;
extern const CommandSpec kTags;
extern const CommandSpec kVersionCommand;
extern const CommandSpec kWarm;
extern const CommandSpec kWaste;

}  // namespace regtool::cli
