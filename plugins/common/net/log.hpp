// SPDX-License-Identifier: LGPL-2.1-or-later
// What servers tell the operator: one line an event, in GLib's log under the domain "millrace". Strangers cause most
// of these events, so notices are rationed: a flood becomes a few lines a second and a count.
#pragma once

#include <string>

namespace millrace::net {

void log_notice(const std::string& line);  // shown by default
void log_detail(const std::string& line);  // shown with G_MESSAGES_DEBUG=millrace

}  // namespace millrace::net
