// SPDX-License-Identifier: LGPL-2.1-or-later
// Sole ownership of a file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace millrace::net {

class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    // Somebody else owns it now.
    int release() && { return std::exchange(number_, -1); }

    [[nodiscard]] int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

  private:
    int number_ = -1;
};

}  // namespace millrace::net
