// Boost.Asio on io_uring, compiled once for the programs that use it.
//
// Asio 1.81 makes its ring with no flags, so the kernel interrupts the processor that runs a
// program for each completion, which made a message cost twice what it costs by epoll whenever
// completions came while the program ran. A cooperative ring waits with them for the next system
// call.
#include <cerrno>

#include <liburing.h>

static int make_cooperative_ring(unsigned entries, io_uring* ring, unsigned flags) {
  const int failed = io_uring_queue_init(entries, ring, flags | IORING_SETUP_COOP_TASKRUN);
  // A kernel before 5.19 does not know the flag.
  return failed == -EINVAL ? io_uring_queue_init(entries, ring, flags) : failed;
}

#define io_uring_queue_init make_cooperative_ring
#include <boost/asio/impl/src.hpp>
