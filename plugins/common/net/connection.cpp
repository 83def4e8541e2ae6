// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::net {

namespace {

constexpr std::size_t kReadBuffer = 64 << 10;
constexpr std::size_t kPiecesAWrite = 64;
// Closing with unread input makes the kernel reset the connection, and the peer may lose our last words with it
// (RFC 9112, 9.6): so read on for a while, but not for ever.
constexpr Duration kLingerFor = 2s;
constexpr std::size_t kLingerBytes = 4 << 20;

thread_local std::array<std::uint8_t, kReadBuffer> read_buffer;

}  // namespace

Connection::Connection(Worker& worker, std::unique_ptr<Stream> stream, Driver& driver, Limits limits)
    : stream_(std::move(stream)),
      driver_(driver),
      limits_(limits),
      readiness_(stream_->tell(worker, [this](auto ready) { on_ready(ready); })),
      timer_(worker, [this] { on_timer(); }) {
    update_interest();
}

Connection::~Connection() = default;

void Connection::send(Bytes bytes) {
    if (bytes.empty() || phase_ != Phase::open) return;
    if (pending_ == 0) write_moved_ = now();
    pending_ += bytes.size();
    output_.push_back(std::move(bytes));
}

void Connection::flush() {
    if (phase_ == Phase::over || phase_ == Phase::lingering) return;
    if (!write_blocked_) write_some();
    update_interest();
    update_timer();
}

void Connection::pause_reading() {
    reading_paused_ = true;
    update_interest();
}

void Connection::resume_reading() {
    reading_paused_ = false;
    update_interest();
}

void Connection::finish(std::optional<Error> why) {
    if (phase_ != Phase::open) return;
    why_ = std::move(why);
    phase_ = Phase::finishing;
    flush();
    if (phase_ == Phase::finishing && pending_ == 0) linger();
}

void Connection::abort(std::optional<Error> why) {
    if (phase_ == Phase::over) return;
    if (phase_ == Phase::open) why_ = std::move(why);
    phase_ = Phase::over;
    readiness_->want(false, false);
    timer_.at(now());
}

void Connection::on_ready(Stream::Ready ready) {
    if (ready.write || ready.broken) write_some();
    if (phase_ != Phase::over && (ready.read || ready.broken)) read_some();
    // Readiness is told for as long as it lasts, and this kind lasts for ever.
    if (ready.broken) abort(Error{Fault::peer_gone, "connection reset by the peer"});
    if (phase_ == Phase::finishing && pending_ == 0) linger();
    if (phase_ == Phase::over) return settle();
    update_interest();
    update_timer();
}

void Connection::on_timer() {
    if (phase_ == Phase::lingering && now() >= linger_until_) phase_ = Phase::over;
    if (phase_ != Phase::over && pending_ > 0 && now() - write_moved_ >= limits_.write_stall)
        abort(Error{Fault::peer_gone, "the peer stopped reading"});
    if (phase_ == Phase::over) return settle();
    update_timer();
}

void Connection::read_some() {
    bool discard = phase_ != Phase::open;
    std::size_t budget = limits_.read_at_once;
    while (budget > 0 && phase_ != Phase::over && !peer_ended_ && (discard || !reading_paused_)) {
        auto got = stream_->read(read_buffer);
        switch (got.state) {
            case Progress::State::moved:
                budget -= std::min(budget, got.bytes);
                if (phase_ == Phase::open)
                    driver_.received(ByteView(read_buffer).first(got.bytes));
                else if ((lingered_ += got.bytes) > kLingerBytes)
                    phase_ = Phase::over;
                if (stream_->short_read_is_all() && got.bytes < read_buffer.size()) return;  // that was all there is
                break;
            case Progress::State::blocked:
                return;
            case Progress::State::ended:
                peer_ended_ = true;
                if (phase_ == Phase::lingering) phase_ = Phase::over;
                if (phase_ == Phase::open) driver_.ended();
                return;
            case Progress::State::broken:
                abort(Error{Fault::peer_gone, got.why});
                return;
        }
    }
}

void Connection::write_some() {
    if (output_.empty()) return;
    write_blocked_ = false;
    while (!output_.empty()) {
        std::array<iovec, kPiecesAWrite> pieces{};
        std::size_t count = std::min(output_.size(), kPiecesAWrite);
        for (std::size_t i = 0; i < count; ++i) pieces[i] = {output_[i].data(), output_[i].size()};
        pieces[0] = {output_[0].data() + front_written_, output_[0].size() - front_written_};
        auto put = stream_->write(std::span(pieces).first(count));
        if (put.state == Progress::State::broken) return abort(Error{Fault::peer_gone, put.why});
        if (put.state != Progress::State::moved) {
            write_blocked_ = true;
            return;
        }
        drop_written(put.bytes);
    }
}

void Connection::drop_written(std::size_t count) {
    write_moved_ = now();
    pending_ -= count;
    front_written_ += count;
    while (!output_.empty() && front_written_ >= output_.front().size()) {
        front_written_ -= output_.front().size();
        output_.pop_front();
    }
}

void Connection::linger() {
    stream_->end_writing();
    linger_until_ = now() + kLingerFor;
    phase_ = peer_ended_ ? Phase::over : Phase::lingering;
    if (phase_ == Phase::over) return timer_.at(now());
    update_interest();
    update_timer();
}

// The end of a turn, with nobody of ours on the stack but the caller, which returns at once.
void Connection::settle() {
    readiness_->want(false, false);
    timer_.at(kNever);
    driver_.lost(why_);
}

void Connection::update_interest() {
    if (phase_ == Phase::over) return readiness_->want(false, false);
    bool read = !peer_ended_ && (phase_ != Phase::open || !reading_paused_);
    readiness_->want(read, pending_ > 0);
}

void Connection::update_timer() {
    if (phase_ == Phase::over) return;
    if (phase_ == Phase::lingering) return timer_.at(linger_until_);
    timer_.at(pending_ > 0 ? write_moved_ + limits_.write_stall : kNever);
}

}  // namespace millrace::net
