// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/publisher_directory.hpp"

#include <optional>
#include <utility>

#include "common/net/worker.hpp"

namespace millrace::gst {

PublisherInfo publisher_info(OwnedStructure facts) {
    auto text = [&](const char* field) {
        const gchar* value = gst_structure_get_string(facts.get(), field);
        return std::string(value ? value : "");
    };
    PublisherInfo info{text("path"), text("protocol"), text("address"), {}};
    info.facts = std::shared_ptr<GstStructure>(facts.release(), gst_structure_free);
    return info;
}

std::shared_ptr<PublisherDirectory> PublisherDirectory::make() {
    return std::shared_ptr<PublisherDirectory>(new PublisherDirectory);
}

// ---- sources --------------------------------------------------------------------------------------------------------

PublisherDirectory::Claim::Claim(std::shared_ptr<PublisherDirectory> directory, std::string path)
    : directory_(std::move(directory)), path_(std::move(path)) {}

PublisherDirectory::Claim::~Claim() {
    directory_->release(path_);
}

Result<std::unique_ptr<PublisherDirectory::Claim>> PublisherDirectory::claim(const std::string& path,
                                                                             std::shared_ptr<PublisherSource> source) {
    std::shared_ptr<Applicant> waited;
    {
        Lock lock(mutex_);
        if (!sources_.emplace(path, source).second) {
            return fail(Fault::refused, "another source of this process already waits for publishers of " + path);
        }
        auto present = present_.find(path);
        if (present != present_.end() && !present->second.taken) {
            present->second.taken = true;
            waited = present->second.applicant;
            news_.push_back({&PublisherWatcher::gone, present->second.info, {}});
        }
    }
    if (waited) {
        tell_news();
        // On its own thread: the source is asked when it has started, and the publisher may have left by then.
        waited->run([self = weak_from_this(), waited, source] {
            if (auto directory = self.lock()) directory->ask(waited, source);
        });
    }
    return std::make_unique<Claim>(shared_from_this(), path);
}

void PublisherDirectory::release(const std::string& path) {
    std::shared_ptr<Applicant> live;
    {
        Lock lock(mutex_);
        sources_.erase(path);
        auto present = present_.find(path);
        if (present == present_.end() || !present->second.taken) return;
        live = std::move(present->second.applicant);
        present_.erase(present);
    }
    live->dismiss();
}

// ---- publishers -----------------------------------------------------------------------------------------------------

void PublisherDirectory::offer(const std::shared_ptr<Applicant>& applicant) {
    const PublisherInfo& info = applicant->info();
    std::shared_ptr<PublisherSource> source;
    std::optional<Refusal> refusal;
    applicant->wait(net::now() + kPatience);
    const Room room = make_room(*applicant);
    if (room == Room::not_allowed) return refuse_unauthorized(*applicant);
    {
        Lock lock(mutex_);
        if (auto found = sources_.find(info.path); found != sources_.end()) source = found->second;
        if (present_.contains(info.path)) {
            refusal = Refusal::busy;
        } else if (!source && watchers_.empty()) {
            refusal = Refusal::unknown;
        } else {
            // From here on the path is this one's: others are refused while we ask.
            present_[info.path] = {applicant, info, source != nullptr};
            if (!source) news_.push_back({&PublisherWatcher::waiting, info, {}});
        }
    }
    if (refusal == Refusal::busy) {
        return applicant->refuse(*refusal, "the stream " + info.path + " already has a publisher");
    }
    if (refusal) return applicant->refuse(*refusal, "nothing takes the stream " + info.path);
    if (source) return room == Room::made ? take(applicant, source) : ask(applicant, source);
    tell_news();
}

// Ends a publisher that is silent, for one that may publish.
PublisherDirectory::Room PublisherDirectory::make_room(const Applicant& applicant) {
    const std::string& path = applicant.info().path;
    std::shared_ptr<PublisherSource> source;
    std::shared_ptr<Applicant> silent;
    {
        Lock lock(mutex_);
        auto present = present_.find(path);
        auto found = sources_.find(path);
        if (present == present_.end() || !present->second.taken || found == sources_.end()) return Room::as_it_was;
        if (!present->second.applicant->is_silent()) return Room::as_it_was;
        silent = present->second.applicant;
        source = found->second;
    }
    if (!source->authorize(applicant.info())) return Room::not_allowed;
    withdraw(*silent);
    silent->dismiss();
    return Room::made;
}

void PublisherDirectory::ask(const std::shared_ptr<Applicant>& applicant,
                             const std::shared_ptr<PublisherSource>& source) {
    if (!is_present(*applicant)) return;
    const bool allowed = source->authorize(applicant->info());
    // The source may have gone while it was asked; the applicant has been told so.
    if (!is_present(*applicant)) return;
    if (allowed) return applicant->take(source);
    withdraw(*applicant);
    refuse_unauthorized(*applicant);
}

// The source may have gone while it was asked.
void PublisherDirectory::take(const std::shared_ptr<Applicant>& applicant,
                              const std::shared_ptr<PublisherSource>& source) {
    if (is_present(*applicant)) applicant->take(source);
}

void PublisherDirectory::refuse_unauthorized(Applicant& applicant) {
    applicant.refuse(Refusal::unauthorized, "not allowed to publish " + applicant.info().path);
}

bool PublisherDirectory::is_present(const Applicant& applicant) {
    Lock lock(mutex_);
    auto present = present_.find(applicant.info().path);
    return present != present_.end() && present->second.applicant.get() == &applicant;
}

void PublisherDirectory::withdraw(const Applicant& applicant) {
    std::shared_ptr<Applicant> left;  // its last reference must not go under the lock
    {
        Lock lock(mutex_);
        auto present = present_.find(applicant.info().path);
        if (present == present_.end() || present->second.applicant.get() != &applicant) return;
        left = std::move(present->second.applicant);
        if (!present->second.taken) news_.push_back({&PublisherWatcher::gone, present->second.info, {}});
        present_.erase(present);
    }
    tell_news();
}

// ---- watchers -------------------------------------------------------------------------------------------------------

void PublisherDirectory::watch(std::shared_ptr<PublisherWatcher> watcher) {
    {
        Lock lock(mutex_);
        watchers_.push_back(watcher);
        for (const auto& [path, present] : present_) {
            if (!present.taken) news_.push_back({&PublisherWatcher::waiting, present.info, watcher});
        }
    }
    tell_news();
}

void PublisherDirectory::unwatch(const std::shared_ptr<PublisherWatcher>& watcher) {
    Lock lock(mutex_);
    std::erase(watchers_, watcher);
    std::erase_if(news_, [&](const News& news) { return news.only == watcher; });
}

void PublisherDirectory::refuse(const std::string& path, Refusal refusal, const std::string& reason) {
    std::shared_ptr<Applicant> refused;
    {
        Lock lock(mutex_);
        auto present = present_.find(path);
        if (present == present_.end() || present->second.taken) return;
        refused = std::move(present->second.applicant);
        news_.push_back({&PublisherWatcher::gone, present->second.info, {}});
        present_.erase(present);
    }
    refused->refuse(refusal, reason);
    tell_news();
}

// One thread tells, for all: what watchers hear keeps the order of what happened.
void PublisherDirectory::tell_news() {
    while (true) {
        News news;
        std::vector<std::shared_ptr<PublisherWatcher>> watchers;
        {
            Lock lock(mutex_);
            if (telling_ || news_.empty()) return;
            telling_ = true;
            news = std::move(news_.front());
            news_.pop_front();
            watchers = news.only ? std::vector{news.only} : watchers_;
        }
        for (const auto& watcher : watchers) ((*watcher).*news.what)(news.publisher);
        Lock lock(mutex_);
        telling_ = false;
    }
}

}  // namespace millrace::gst
