// SPDX-License-Identifier: LGPL-2.1-or-later
// The JSON Schema of pipeline files, for editors: rendered from the key tables, so it cannot say something else.
#pragma once

#include <string>

namespace millrace::launcher {

std::string json_schema();

}  // namespace millrace::launcher
