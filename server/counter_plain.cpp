// The race on purpose, and the only one in this program: two threads add to one number without
// asking each other, and updates are lost.
//
//   thread 1                thread 2
//   read bytes_: 640
//                           read bytes_: 640
//   write bytes_: 704
//                           write bytes_: 704        64 bytes were echoed and never counted
//
//   echo-server --model pool --counter plain --stats -
//
// Under load `lost_bytes` in the statistics is above zero, and ThreadSanitizer names the two lines
// below. `--counter mutex` and `--counter atomic` are the same additions, repaired. The models
// `sequential` and `coroutine` serve in one thread and lose nothing: there is nobody to race with.
#include "server/counter.hpp"

namespace contend::server {
namespace {

class PlainCounter : public Counter {
 public:
  void add_connection() override { connections_ += 1; }
  void add_bytes(std::uint64_t bytes) override { bytes_ += bytes; }
  Counted read() const override { return {connections_, bytes_}; }

 private:
  std::uint64_t connections_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<Counter> make_plain_counter() {
  return std::make_unique<PlainCounter>();
}

}  // namespace contend::server
