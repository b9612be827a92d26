// How Boost.Asio 1.81 calls liburing, mended. Included before all else, by the compiler's option,
// in what is built on Asio's io_uring backend.
#pragma once

#include <cerrno>

#include <liburing.h>

// NOLINTBEGIN: the names are those that Asio looks for

/// Asio makes its ring with no flags, so the kernel interrupts the processor that runs a program
/// for each completion, which made a message cost twice what it costs by epoll whenever completions
/// came while the program ran. A cooperative ring waits with them for the next system call.
inline int contend_io_uring_queue_init(unsigned entries, io_uring* ring, unsigned flags) {
  const int failed = io_uring_queue_init(entries, ring, flags | IORING_SETUP_COOP_TASKRUN);
  // A kernel before 5.19 does not know the flag.
  return failed == -EINVAL ? io_uring_queue_init(entries, ring, flags) : failed;
}

/// Whether a message is bytes alone, in one piece. Then the kernel need not be shown where it says
/// so, which it copies and checks every time; msg_flags, which Asio reads of sequenced packets
/// alone, is not filled in then.
inline bool contend_is_plain(const msghdr& message) {
  return message.msg_iovlen == 1 && message.msg_name == nullptr && message.msg_control == nullptr;
}

inline void contend_io_uring_prep_recvmsg(io_uring_sqe* entry, int socket, msghdr* message,
                                          unsigned flags) {
  if (!contend_is_plain(*message)) return io_uring_prep_recvmsg(entry, socket, message, flags);
  const iovec& bytes = *message->msg_iov;
  io_uring_prep_recv(entry, socket, bytes.iov_base, bytes.iov_len, static_cast<int>(flags));
}

inline void contend_io_uring_prep_sendmsg(io_uring_sqe* entry, int socket, const msghdr* message,
                                          unsigned flags) {
  if (!contend_is_plain(*message)) return io_uring_prep_sendmsg(entry, socket, message, flags);
  const iovec& bytes = *message->msg_iov;
  io_uring_prep_send(entry, socket, bytes.iov_base, bytes.iov_len, static_cast<int>(flags));
}

#define io_uring_queue_init contend_io_uring_queue_init
#define io_uring_prep_recvmsg contend_io_uring_prep_recvmsg
#define io_uring_prep_sendmsg contend_io_uring_prep_sendmsg

// NOLINTEND
