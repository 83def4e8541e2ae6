// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/worker.hpp"

#include <glib-unix.h>
#include <glib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <map>
#include <thread>
#include <unordered_map>
#include <utility>

namespace millrace::net {

TimePoint now() {
    return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

UnixTime wall_now() {
    auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<Duration>(since_epoch).count()};
}

namespace {

thread_local bool thread_is_worker = false;

// A GSource that calls a function when its ready time or its descriptor says so.
struct Source {
    GSource base;
    std::function<void()>* wake;
};

gboolean dispatch_source(GSource* source, GSourceFunc, gpointer) {
    (*reinterpret_cast<Source*>(source)->wake)();
    return G_SOURCE_CONTINUE;
}

void finalize_source(GSource* source) {
    delete reinterpret_cast<Source*>(source)->wake;
}

GSourceFuncs source_functions = {nullptr, nullptr, dispatch_source, finalize_source, nullptr, nullptr};

GSource* attach_source(GMainContext* context, const char* name, std::function<void()> wake) {
    GSource* source = g_source_new(&source_functions, sizeof(Source));
    reinterpret_cast<Source*>(source)->wake = new std::function<void()>(std::move(wake));
    g_source_set_name(source, name);
    g_source_attach(source, context);
    return source;
}

void drop_source(GSource*& source) {
    if (!source) return;
    g_source_destroy(source);
    g_source_unref(source);
    source = nullptr;
}

constexpr gint64 kNoReadyTime = -1;
constexpr int kEventsATurn = 128;

}  // namespace

struct Worker::Timer::Impl : std::enable_shared_from_this<Worker::Timer::Impl> {
    std::weak_ptr<Worker::Impl> worker;
    std::function<void()> fire;
    std::multimap<TimePoint, std::shared_ptr<Timer::Impl>>::iterator place;
    bool armed = false;
    bool live = true;
};

struct Worker::Watch::Impl {
    std::weak_ptr<Worker::Impl> worker;
    int descriptor = -1;
    std::function<void(Ready)> ready;
    std::uint32_t wanted = 0;
    bool live = true;
};

struct Worker::Impl : std::enable_shared_from_this<Worker::Impl> {
    explicit Impl(GMainContext* of) : context(g_main_context_ref(of)), epoll(::epoll_create1(EPOLL_CLOEXEC)) {
        tasks_source = attach_source(context, "millrace tasks", [this] { run_tasks(); });
        timers_source = attach_source(context, "millrace timers", [this] { fire_timers(); });
        epoll_source = attach_source(context, "millrace descriptors", [this] { dispatch_descriptors(); });
        g_source_add_unix_fd(epoll_source, epoll, G_IO_IN);
    }

    ~Impl() {
        detach();
        ::close(epoll);
        g_main_context_unref(context);
    }

    void detach() {
        Lock lock(mutex);
        drop_source(tasks_source);
        drop_source(timers_source);
        drop_source(epoll_source);
    }

    // Tasks: any thread adds, the worker takes them all at once.

    void post(std::function<void()> task) {
        Lock lock(mutex);
        tasks.push_back(std::move(task));
        if (tasks.size() == 1 && tasks_source) g_source_set_ready_time(tasks_source, 0);
    }

    bool run_tasks() {
        auto self = shared_from_this();  // a task may drop the last Worker
        std::vector<std::function<void()>> batch;
        {
            Lock lock(mutex);
            if (tasks_source) g_source_set_ready_time(tasks_source, kNoReadyTime);
            batch.swap(tasks);
        }
        for (auto& task : batch) {
            task();
            task = nullptr;  // what it captured goes here and now, on this thread
        }
        return !batch.empty();
    }

    // Timers: ordered by time, the first one decides when the source wakes.

    void arm(Timer::Impl& timer, TimePoint when) {
        disarm(timer);
        if (when == kNever) return;
        timer.place = timers.emplace(when, timer.shared_from_this());
        timer.armed = true;
        if (timer.place == timers.begin()) wake_for_first_timer();
    }

    void disarm(Timer::Impl& timer) {
        if (!timer.armed) return;
        timers.erase(timer.place);
        timer.armed = false;
    }

    void wake_for_first_timer() {
        if (!timers_source) return;
        gint64 microseconds = kNoReadyTime;
        if (!timers.empty()) {
            auto count = timers.begin()->first.time_since_epoch().count();
            microseconds = std::max<gint64>(0, count / 1000 + (count % 1000 > 0 ? 1 : 0));  // late rather than early
        }
        g_source_set_ready_time(timers_source, microseconds);
    }

    void fire_timers() {
        auto self = shared_from_this();
        // Only those due now: a timer that arms itself again for the past waits for the next turn.
        std::vector<std::shared_ptr<Timer::Impl>> due;
        for (TimePoint time = now(); !timers.empty() && timers.begin()->first <= time;) {
            due.push_back(timers.begin()->second);
            disarm(*due.back());
        }
        for (auto& timer : due)
            if (timer->live) timer->fire();
        wake_for_first_timer();
    }

    // Descriptors

    void dispatch_descriptors() {
        auto self = shared_from_this();
        std::array<epoll_event, kEventsATurn> events{};
        auto count = static_cast<std::size_t>(std::max(0, ::epoll_wait(epoll, events.data(), kEventsATurn, 0)));
        // Resolve all before calling any: a callback may close a descriptor and another may get its number.
        std::array<std::shared_ptr<Watch::Impl>, kEventsATurn> ready;
        for (std::size_t i = 0; i < count; ++i) {
            auto found = watches.find(events[i].data.fd);
            if (found != watches.end()) ready[i] = found->second;
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (!ready[i] || !ready[i]->live) continue;
            std::uint32_t bits = events[i].events;
            ready[i]->ready({.read = (bits & EPOLLIN) != 0,
                             .write = (bits & EPOLLOUT) != 0,
                             .hung_up = (bits & EPOLLRDHUP) != 0,
                             .broken = (bits & (EPOLLHUP | EPOLLERR)) != 0});
        }
    }

    void live(const std::string& name) {
        ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());  // the kernel's bound
        thread_is_worker = true;
        g_main_context_push_thread_default(context);
        g_main_loop_run(loop);
        while (run_tasks()) continue;
        detach();
        g_main_context_pop_thread_default(context);
        g_main_loop_unref(loop);
    }

    bool is_current() const {
        return thread_id == std::thread::id() ? g_main_context_is_owner(context)
                                              : thread_id == std::this_thread::get_id();
    }

    GMainContext* context;
    GMainLoop* loop = nullptr;
    std::thread thread;
    std::atomic<std::thread::id> thread_id{};  // none: a foreign context

    Mutex mutex;
    std::vector<std::function<void()>> tasks GUARDED_BY(mutex);

    // The worker's thread only.
    std::multimap<TimePoint, std::shared_ptr<Timer::Impl>> timers;
    std::unordered_map<int, std::shared_ptr<Watch::Impl>> watches;

    int epoll;
    GSource* tasks_source = nullptr;  // taken away under the mutex, on the worker's thread
    GSource* timers_source = nullptr;
    GSource* epoll_source = nullptr;
};

Worker::Worker(std::string name) {
    GMainContext* context = g_main_context_new();
    impl_ = std::make_shared<Impl>(context);
    g_main_context_unref(context);
    impl_->loop = g_main_loop_new(impl_->context, FALSE);
    std::promise<void> started;
    impl_->thread = std::thread([impl = impl_, name = std::move(name), &started] {
        impl->thread_id = std::this_thread::get_id();
        started.set_value();
        impl->live(name);
    });
    started.get_future().wait();
}

Worker::Worker(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::shared_ptr<Worker> Worker::around(GMainContext* context) {
    return std::shared_ptr<Worker>(new Worker(std::make_shared<Impl>(context)));
}

Worker::~Worker() {
    if (impl_->loop) {
        post([impl = impl_.get()] { g_main_loop_quit(impl->loop); });
        if (is_current())
            impl_->thread.detach();
        else
            impl_->thread.join();
    } else if (g_main_context_acquire(impl_->context)) {
        while (impl_->run_tasks()) continue;
        impl_->detach();
        g_main_context_release(impl_->context);
    } else {
        post([impl = impl_] { impl->detach(); });
    }
}

void Worker::post(std::function<void()> task) {
    impl_->post(std::move(task));
}

void Worker::run(const std::function<void()>& task) {
    if (is_current()) return task();
    std::promise<void> done;
    post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

bool Worker::is_current() const {
    return impl_->is_current();
}

GMainContext* Worker::context() const {
    return impl_->context;
}

Worker::Timer::Timer(Worker& worker, std::function<void()> fire) : impl_(std::make_shared<Impl>()) {
    impl_->worker = worker.impl_;
    impl_->fire = std::move(fire);
}

Worker::Timer::~Timer() {
    at(kNever);
    impl_->live = false;
}

void Worker::Timer::at(TimePoint when) {
    auto worker = impl_->worker.lock();
    if (!worker) return;
    worker->arm(*impl_, when);
}

Worker::Watch::Watch(Worker& worker, int descriptor, std::function<void(Ready)> ready)
    : impl_(std::make_shared<Impl>()) {
    impl_->worker = worker.impl_;
    impl_->descriptor = descriptor;
    impl_->ready = std::move(ready);
    worker.impl_->watches[descriptor] = impl_;
    epoll_event event{};
    event.data.fd = descriptor;
    ::epoll_ctl(worker.impl_->epoll, EPOLL_CTL_ADD, descriptor, &event);
}

Worker::Watch::~Watch() {
    impl_->live = false;
    auto worker = impl_->worker.lock();
    if (!worker) return;
    // A descriptor closed by somebody else may be another's by now.
    auto found = worker->watches.find(impl_->descriptor);
    if (found == worker->watches.end() || found->second != impl_) return;
    ::epoll_ctl(worker->epoll, EPOLL_CTL_DEL, impl_->descriptor, nullptr);
    worker->watches.erase(found);
}

void Worker::Watch::want(bool read, bool write) {
    want_events((read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U));
}

void Worker::Watch::want_hang_up() {
    want_events(EPOLLRDHUP);
}

void Worker::Watch::want_events(std::uint32_t wanted) {
    if (wanted == impl_->wanted) return;
    impl_->wanted = wanted;
    auto worker = impl_->worker.lock();
    if (!worker) return;
    epoll_event event{};
    event.events = wanted;
    event.data.fd = impl_->descriptor;
    ::epoll_ctl(worker->epoll, EPOLL_CTL_MOD, impl_->descriptor, &event);
}

namespace {

constexpr unsigned kMostWorkers = 4;

struct IoWorkers {
    std::array<std::weak_ptr<Worker>, kMostWorkers> started;
    unsigned next = 0;

    static unsigned count() { return std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers); }

    std::shared_ptr<Worker> at(unsigned index) {
        auto worker = started[index].lock();
        if (!worker) {
            worker = std::make_shared<Worker>("mill-io-" + std::to_string(index));
            started[index] = worker;
        }
        return worker;
    }
};

// Never destroyed: a plugin may outlive the order of static destructors.
Guarded<IoWorkers>& io_worker_set() {
    static auto* set = new Guarded<IoWorkers>();
    return *set;
}

}  // namespace

std::vector<std::shared_ptr<Worker>> io_workers() {
    return io_worker_set().with([](IoWorkers& set) {
        std::vector<std::shared_ptr<Worker>> all;
        for (unsigned i = 0; i < IoWorkers::count(); ++i) all.push_back(set.at(i));
        return all;
    });
}

std::shared_ptr<Worker> next_io_worker() {
    return io_worker_set().with([](IoWorkers& set) { return set.at(set.next++ % IoWorkers::count()); });
}

bool on_a_worker() {
    return thread_is_worker;
}

}  // namespace millrace::net
