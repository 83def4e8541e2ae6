// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/handshake_thread.hpp"

#include <malloc.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "common/base/thread.hpp"
#include "webrtc/core/secure/dtls_session.hpp"

namespace millrace::webrtc {

namespace {

struct Job {
    Job(const DtlsContext& context, const Fingerprint& peer, HandshakeSink to)
        : session(context, peer), sink(std::make_shared<const HandshakeSink>(std::move(to))) {}

    DtlsSession session;
    const std::shared_ptr<const HandshakeSink> sink;
    std::unique_ptr<net::Worker::Timer> timer;
    TimePoint ends = kNever;  // once it is done
};

}  // namespace

// What an SSL object was made of stays with the allocator, 50 kB a peer, until it is asked to give back whole pages.
constexpr Duration kTrimEvery = 10s;

struct HandshakeThread::State {
    std::atomic<std::size_t> queued{0};
    Duration linger{};
    std::unordered_map<std::uint64_t, std::unique_ptr<Job>> jobs;
    std::unique_ptr<net::Worker::Timer> trim;
    bool trims = false;  // it is planned

    void erase(std::uint64_t id) {
        if (jobs.erase(id) == 0 || std::exchange(trims, true)) return;
        trim->at(net::now() + kTrimEvery);
    }

    void give_back() {
        trims = false;
        ::malloc_trim(0);
    }

    Job* find(std::uint64_t id) {
        auto found = jobs.find(id);
        return found == jobs.end() ? nullptr : found->second.get();
    }

    void on_timer(std::uint64_t id) {
        Job* job = find(id);
        if (job == nullptr) return;
        job->session.on_timer(net::now());
        after(id, *job);
    }

    // What follows every call of a session.
    void after(std::uint64_t id, Job& job) {
        using enum DtlsSession::State;
        const auto& sink = job.sink;
        if (auto output = job.session.take_output(); !output.empty())
            sink->worker->post([sink, output = std::move(output)] { sink->output(output); });
        const DtlsSession::State state = job.session.state();
        const bool was_done = job.ends != kNever;
        if (!was_done && (state == connected || state == closed) && job.session.keys()) {
            job.ends = net::now() + linger;
            sink->worker->post([sink, keys = *job.session.keys()] { sink->done(keys); });
        } else if (!was_done && state != handshaking) {
            Error why = state == failed ? job.session.error() : Error{Fault::peer_gone, "DTLS: the peer closed it"};
            sink->worker->post([sink, why = std::move(why)] { sink->done(tl::unexpected<Error>(why)); });
            erase(id);
            return;
        }
        if (state == closed || state == failed) sink->worker->post([sink] { sink->closed(); });
        if (state == closed || state == failed || net::now() >= job.ends)
            erase(id);
        else
            job.timer->at(std::min(job.session.deadline(), job.ends));
    }
};

std::shared_ptr<HandshakeThread> HandshakeThread::shared() {
    static auto* the_one = new Guarded<std::weak_ptr<HandshakeThread>>();
    return the_one->with([](std::weak_ptr<HandshakeThread>& living) {
        auto thread = living.lock();
        if (!thread) living = thread = std::make_shared<HandshakeThread>();
        return thread;
    });
}

HandshakeThread::HandshakeThread() : HandshakeThread(Limits()) {}

HandshakeThread::HandshakeThread(const Limits& limits)
    : limits_(limits), state_(std::make_shared<State>()), thread_(std::make_unique<net::Worker>("mill-dtls")) {
    state_->linger = limits.linger;
    thread_->run([this] {
        state_->trim = std::make_unique<net::Worker::Timer>(*thread_, [state = state_.get()] { state->give_back(); });
    });
}

HandshakeThread::~HandshakeThread() {
    thread_->run([this] {
        state_->jobs.clear();
        state_->trim.reset();
    });
}

void HandshakeThread::start(std::uint64_t id, const DtlsContext& context, const Fingerprint& peer, HandshakeSink sink) {
    thread_->post([state = state_, thread = thread_.get(), id,
                   context = std::make_shared<DtlsContext>(context.another()), peer, sink = std::move(sink)]() mutable {
        auto [place, added] = state->jobs.try_emplace(id);
        if (!added) return;
        place->second = std::make_unique<Job>(*context, peer, std::move(sink));
        place->second->timer =
            std::make_unique<net::Worker::Timer>(*thread, [state = state.get(), id] { state->on_timer(id); });
        state->after(id, *place->second);
    });
}

bool HandshakeThread::receive(std::uint64_t id, ByteView datagram) {
    const std::size_t size = datagram.size();
    if (state_->queued.fetch_add(size) + size > limits_.queued) {
        state_->queued -= size;
        return false;
    }
    thread_->post([state = state_, id, bytes = Bytes(datagram.begin(), datagram.end())] {
        state->queued -= bytes.size();
        Job* job = state->find(id);
        if (job == nullptr) return;
        job->session.receive(bytes, net::now());
        state->after(id, *job);
    });
    return true;
}

void HandshakeThread::stop(std::uint64_t id) {
    thread_->post([state = state_, id] { state->erase(id); });
}

std::size_t HandshakeThread::held() {
    std::size_t count = 0;
    thread_->run([&] { count = state_->jobs.size(); });
    return count;
}

}  // namespace millrace::webrtc
