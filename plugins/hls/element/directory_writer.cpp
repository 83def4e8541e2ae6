// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/element/directory_writer.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "hls/core/directory_plan.hpp"

namespace millrace::hls {

namespace {

namespace fs = std::filesystem;

// Writes all of `content` under a temporary name and renames it. An errno, 0 = done.
int write_whole(const fs::path& target, const std::vector<Blob>& content) {
    const fs::path temporary = target.string() + ".part";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return errno;
    int failed = 0;
    for (const Blob& blob : content) {
        ByteView left = blob.view();
        while (!left.empty() && !failed) {
            const ssize_t written = ::write(fd, left.data(), left.size());
            if (written >= 0)
                left = left.subspan(static_cast<std::size_t>(written));
            else if (errno != EINTR)
                failed = errno;
        }
    }
    if (::close(fd) != 0 && !failed) failed = errno;
    if (!failed && ::rename(temporary.c_str(), target.c_str()) != 0) failed = errno;
    if (failed) ::unlink(temporary.c_str());
    return failed;
}

}  // namespace

Result<std::unique_ptr<DirectoryWriter>> DirectoryWriter::open(const std::string& folder, Warn warn) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed || ::access(folder.c_str(), W_OK | X_OK) != 0) {
        const std::string reason = failed ? failed.message() : std::strerror(errno);
        return fail(Fault::no_resource, "cannot write to directory " + folder + ": " + reason);
    }
    return std::unique_ptr<DirectoryWriter>(new DirectoryWriter(folder, std::move(warn)));
}

DirectoryWriter::DirectoryWriter(std::string folder, Warn warn) : folder_(std::move(folder)), warn_(std::move(warn)) {
    thread_ = std::thread([this] { run(); });
}

DirectoryWriter::~DirectoryWriter() {
    {
        Lock lock(mutex_);
        closing_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

void DirectoryWriter::write(std::shared_ptr<const Snapshot> snapshot) {
    Lock lock(mutex_);
    next_ = std::move(snapshot);
    changed_.notify_all();
}

void DirectoryWriter::run() {
    while (true) {
        std::shared_ptr<const Snapshot> next;
        {
            Lock lock(mutex_);
            while (!next_ && !closing_) changed_.wait(mutex_);
            if (!next_) return;
            next = std::exchange(next_, nullptr);
        }
        bring_to(std::move(next));
    }
}

// After a failure the folder still shows the last state that was written whole: the next one starts from there.
void DirectoryWriter::bring_to(std::shared_ptr<const Snapshot> snapshot) {
    const DirectoryPlan plan = plan_directory(written_.get(), *snapshot);
    for (const FileWrite& file : plan.writes) {
        const fs::path target = fs::path(folder_) / file.name;
        std::error_code ignored;
        fs::create_directories(target.parent_path(), ignored);
        if (const int failed = write_whole(target, file.content)) return report(file.name, failed);
    }
    for (const std::string& name : plan.removals) {
        std::error_code ignored;
        fs::remove(fs::path(folder_) / name, ignored);
    }
    failing_ = false;
    written_ = std::move(snapshot);
}

void DirectoryWriter::report(const std::string& name, int failed) {
    if (std::exchange(failing_, true)) return;
    warn_("cannot write " + folder_ + "/" + name + ": " + std::strerror(failed) +
          "; trying again with the next segment");
}

}  // namespace millrace::hls
