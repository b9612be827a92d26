// Pipes, sockets and eventfds inside one process: whoever would wait in the kernel waits with us,
// and the call is made when it cannot. Reads and writes of files pass through.
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "races/explore/runtime/channel.hpp"
#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/readiness.hpp"
#include "races/explore/runtime/real.hpp"
#include "races/explore/runtime/timers.hpp"

namespace contend::explore {
namespace {

bool never_blocks(int descriptor, int flags) {
  return (flags & MSG_DONTWAIT) != 0 || (kernel(SYS_fcntl, descriptor, F_GETFL) & O_NONBLOCK) != 0;
}

/// Keeps a descriptor from blocking while it lives.
class Unblocked {
 public:
  explicit Unblocked(int descriptor)
      : descriptor_(descriptor), flags_(kernel(SYS_fcntl, descriptor, F_GETFL)) {
    kernel(SYS_fcntl, descriptor_, F_SETFL, flags_ | O_NONBLOCK);
  }
  ~Unblocked() { kernel(SYS_fcntl, descriptor_, F_SETFL, flags_); }
  Unblocked(const Unblocked&) = delete;
  Unblocked& operator=(const Unblocked&) = delete;

 private:
  int descriptor_;
  long flags_;
};

// One call that reads or writes: waits for its turn and for the descriptor, then makes it.
template <class Call>
long transfer(int descriptor, short events, int flags, std::uint64_t pc, const Call& call) {
  const bool writes = events == ready_to_write;
  const bool blocking = !never_blocks(descriptor, flags);
  Thread& self = scheduler.current();
  Detector& detector = scheduler.detector();
  for (;;) {
    if (!wait_until_ready(descriptor, events, blocking, pc)) {
      errno = EAGAIN;
      return -1;
    }
    if (writes) detector.release(self, written_channel(descriptor));
    long answer = 0;
    {
      const Unblocked unblocked(descriptor);
      answer = call();
    }
    if (answer >= 0) {
      something_was_sent();  // or there is room for more
      if (!writes) detector.acquire(self, read_channel(descriptor));
      scheduler.changed();
      return answer;
    }
    if (answer != -EAGAIN) return result_of(answer);
    if (!blocking) {
      looked_in_vain(pc, static_cast<std::uint64_t>(descriptor));
      return result_of(answer);
    }
  }
}

// A blocking write returns when all is written, however small the buffers are.
template <class Write>
long write_all(int descriptor, std::size_t size, int flags, std::uint64_t pc, const Write& part) {
  std::size_t done = 0;
  const bool blocking = !never_blocks(descriptor, flags);
  do {
    const long count = transfer(descriptor, ready_to_write, flags, pc, [&] { return part(done); });
    if (count < 0) return done > 0 ? static_cast<long>(done) : count;
    done += static_cast<std::size_t>(count);
  } while (blocking && done < size);
  return static_cast<long>(done);
}

long as_long(const volatile void* pointer) {
  return static_cast<long>(number(pointer));
}

long send_to(int descriptor, const void* data, std::size_t size, int flags, const sockaddr* to,
             socklen_t length, std::uint64_t pc) {
  touch_block(data, size, false, pc);
  if (to != nullptr) scheduler.detector().release(scheduler.current(), dialled_channel(to, length));
  return write_all(descriptor, size, flags, pc, [&](std::size_t done) {
    return kernel(SYS_sendto, descriptor, as_long(data) + static_cast<long>(done),
                  static_cast<long>(size - done), flags, as_long(to), length);
  });
}

long receive_from(int descriptor, void* into, std::size_t size, int flags, sockaddr* from,
                  socklen_t* length, std::uint64_t pc) {
  std::size_t done = 0;
  do {
    const long count = transfer(descriptor, ready_to_read, flags, pc, [&] {
      return kernel(SYS_recvfrom, descriptor, as_long(into) + static_cast<long>(done),
                    static_cast<long>(size - done), flags, as_long(from), as_long(length));
    });
    if (count < 0 && done == 0) return count;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  } while ((flags & MSG_WAITALL) != 0 && done < size);
  if (from != nullptr) {
    scheduler.detector().acquire(scheduler.current(), listener_channel(descriptor));
  }
  touch_block(into, done, true, pc);
  return static_cast<long>(done);
}

int accept_one(int descriptor, sockaddr* address, socklen_t* length, int flags, std::uint64_t pc) {
  const long answer = transfer(descriptor, ready_to_read, 0, pc, [&] {
    return kernel(SYS_accept4, descriptor, as_long(address), as_long(length), flags);
  });
  if (answer < 0) return -1;
  scheduler.detector().acquire(scheduler.current(), listener_channel(descriptor));
  return static_cast<int>(answer);
}

int connect_to(int descriptor, const sockaddr* address, socklen_t length, std::uint64_t pc) {
  const bool blocking = !never_blocks(descriptor, 0);
  if (address->sa_family != AF_UNIX) internet_is_used();
  for (;;) {
    scheduler.step({Op::io, static_cast<std::uint64_t>(descriptor), pc});
    scheduler.detector().release(scheduler.current(), dialled_channel(address, length));
    scheduler.changed();
    long answer = 0;
    {
      const Unblocked unblocked(descriptor);
      answer = kernel(SYS_connect, descriptor, as_long(address), length);
    }
    if (answer == -EAGAIN && blocking) {  // the queue of a local listener is full
      scheduler.yield({Op::yield, 0, pc});
      continue;
    }
    if (answer != -EINPROGRESS || !blocking) return static_cast<int>(result_of(answer));
    wait_until_ready(descriptor, ready_to_write, true, pc);
    int failed = 0;
    socklen_t size = sizeof failed;
    kernel(SYS_getsockopt, descriptor, SOL_SOCKET, SO_ERROR, as_long(&failed), as_long(&size));
    return static_cast<int>(result_of(-failed));
  }
}

// The end of a stream is something its other end waits for.
void about_to_end(int descriptor, std::uint64_t pc) {
  scheduler.step({Op::io, static_cast<std::uint64_t>(descriptor), pc});
  scheduler.detector().release(scheduler.current(), written_channel(descriptor));
  scheduler.changed();
  something_was_sent();
}

std::size_t total_of(const iovec* parts, int count) {
  std::size_t total = 0;
  for (int i = 0; i < count; ++i) total += parts[i].iov_len;
  return total;
}

}  // namespace
}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

ssize_t read(int descriptor, void* into, std::size_t size) {
  if (!controlled || !can_wait(descriptor)) return real().read(descriptor, into, size);
  const std::uint64_t pc = CONTEND_CALLER();
  const long count = transfer(descriptor, ready_to_read, 0, pc, [&] {
    return kernel(SYS_read, descriptor, as_long(into), static_cast<long>(size));
  });
  if (count > 0) touch_block(into, static_cast<std::size_t>(count), true, pc);
  return count;
}

ssize_t write(int descriptor, const void* data, std::size_t size) {
  if (!controlled || !can_wait(descriptor)) return real().write(descriptor, data, size);
  const std::uint64_t pc = CONTEND_CALLER();
  touch_block(data, size, false, pc);
  return write_all(descriptor, size, 0, pc, [&](std::size_t done) {
    return kernel(SYS_write, descriptor, as_long(data) + static_cast<long>(done),
                  static_cast<long>(size - done));
  });
}

ssize_t readv(int descriptor, const iovec* parts, int count) {
  if (!controlled || !can_wait(descriptor)) return real().readv(descriptor, parts, count);
  return transfer(descriptor, ready_to_read, 0, CONTEND_CALLER(),
                  [&] { return kernel(SYS_readv, descriptor, as_long(parts), count); });
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  if (!controlled || !can_wait(descriptor)) return real().writev(descriptor, parts, count);
  const long done = transfer(descriptor, ready_to_write, 0, CONTEND_CALLER(),
                             [&] { return kernel(SYS_writev, descriptor, as_long(parts), count); });
  if (done >= 0 && static_cast<std::size_t>(done) < total_of(parts, count) &&
      !never_blocks(descriptor, 0)) {
    scheduler.uncontrolled("writev of more than the kernel takes at once");
  }
  return done;
}

ssize_t send(int descriptor, const void* data, std::size_t size, int flags) {
  if (!controlled) return real().send(descriptor, data, size, flags);
  return send_to(descriptor, data, size, flags, nullptr, 0, CONTEND_CALLER());
}

ssize_t sendto(int descriptor, const void* data, std::size_t size, int flags, const sockaddr* to,
               socklen_t length) {
  if (!controlled) return real().sendto(descriptor, data, size, flags, to, length);
  return send_to(descriptor, data, size, flags, to, length, CONTEND_CALLER());
}

ssize_t recv(int descriptor, void* into, std::size_t size, int flags) {
  if (!controlled) return real().recv(descriptor, into, size, flags);
  return receive_from(descriptor, into, size, flags, nullptr, nullptr, CONTEND_CALLER());
}

ssize_t recvfrom(int descriptor, void* into, std::size_t size, int flags, sockaddr* from,
                 socklen_t* length) {
  if (!controlled) return real().recvfrom(descriptor, into, size, flags, from, length);
  return receive_from(descriptor, into, size, flags, from, length, CONTEND_CALLER());
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  if (!controlled) return real().sendmsg(descriptor, message, flags);
  const long done = transfer(descriptor, ready_to_write, flags, CONTEND_CALLER(), [&] {
    return kernel(SYS_sendmsg, descriptor, as_long(message), flags);
  });
  if (done >= 0 &&
      static_cast<std::size_t>(done) <
          total_of(message->msg_iov, static_cast<int>(message->msg_iovlen)) &&
      !never_blocks(descriptor, flags)) {
    scheduler.uncontrolled("sendmsg of more than the kernel takes at once");
  }
  return done;
}

ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  if (!controlled) return real().recvmsg(descriptor, message, flags);
  return transfer(descriptor, ready_to_read, flags, CONTEND_CALLER(),
                  [&] { return kernel(SYS_recvmsg, descriptor, as_long(message), flags); });
}

int accept(int descriptor, sockaddr* address, socklen_t* length) {
  if (!controlled) return real().accept(descriptor, address, length);
  return accept_one(descriptor, address, length, 0, CONTEND_CALLER());
}

int accept4(int descriptor, sockaddr* address, socklen_t* length, int flags) {
  if (!controlled) return real().accept4(descriptor, address, length, flags);
  return accept_one(descriptor, address, length, flags, CONTEND_CALLER());
}

int connect(int descriptor, const sockaddr* address, socklen_t length) {
  if (!controlled) return real().connect(descriptor, address, length);
  return connect_to(descriptor, address, length, CONTEND_CALLER());
}

// The same port again and again, an execution each: what the last one left must not be in the way.
int bind(int descriptor, const sockaddr* address, socklen_t length) {
  if (controlled) {
    const int on = 1;
    kernel(SYS_setsockopt, descriptor, SOL_SOCKET, SO_REUSEADDR, as_long(&on), sizeof on);
    if (address->sa_family != AF_UNIX) internet_is_used();
  }
  return real().bind(descriptor, address, length);
}

int socketpair(int family, int type, int protocol, int ends[2]) {
  const int failed = real().socketpair(family, type, protocol, ends);
  if (controlled && failed == 0) pair_descriptors(ends[0], ends[1]);
  return failed;
}

int shutdown(int descriptor, int how) {
  if (controlled) about_to_end(descriptor, CONTEND_CALLER());
  return real().shutdown(descriptor, how);
}

// By way of libc, so that it is seen to leave something behind.
int dup2(int from, int to) {
  if (controlled && from != to) forget_timer(to);
  return static_cast<int>(real().syscall(SYS_dup2, from, to));
}

int dup3(int from, int to, int flags) {
  if (controlled) forget_timer(to);
  return static_cast<int>(real().syscall(SYS_dup3, from, to, flags));
}

int close(int descriptor) {
  if (controlled && can_wait(descriptor)) {
    about_to_end(descriptor, CONTEND_CALLER());
    forget_timer(descriptor);
  }
  return real().close(descriptor);
}

}  // extern "C"
