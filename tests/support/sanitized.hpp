// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a sanitizer watches, which costs up to fifty times the time.
#pragma once

#include <cstddef>

namespace millrace::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

// What a plain build checks of every one, a sanitizer build checks of every kEvery-th: it looks for something else.
inline constexpr std::size_t kEvery = kSanitized ? 17 : 1;

}  // namespace millrace::test
