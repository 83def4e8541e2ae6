// SPDX-License-Identifier: LGPL-2.1-or-later
// The files of the pages as they are embedded in the library, ready to be served. Knows no paths, outputs or requests.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/bytes.hpp"

namespace millrace::web {

struct Asset {
    std::string type;  // "text/css; charset=utf-8"
    Blob body;
    Blob gzip;  // empty where compressing gains nothing
};

class Assets {
  public:
    // Read and compressed once a process.
    static const Assets& embedded();

    [[nodiscard]] const Asset* find(std::string_view name) const;
    // Changes with any of the files: as a folder of the URL it makes what is below cacheable for ever, while modules
    // go on importing each other by plain names.
    [[nodiscard]] const std::string& version() const { return version_; }

  private:
    Assets();
    std::unordered_map<std::string, Asset> files_;
    std::string version_;
};

}  // namespace millrace::web
