// The catalogue that ships with Contend: every lesson, in the order in which one would teach them.
#include "races/catalogue/all.hpp"

namespace contend::races {

std::vector<Experiment> catalogue() {
  std::vector<Experiment> all;
  for (const auto lesson : {lost_update,
                            folded_loop,
                            check_then_act,
                            lazy_initialisation,
                            double_checked_locking,
                            publication,
                            message_passing,
                            store_buffering,
                            load_buffering,
                            iriw,
                            dekker,
                            peterson,
                            seqlock,
                            ring,
                            aba,
                            reference_count,
                            shared_pointer,
                            torn_value,
                            neighbours,
                            container_growth,
                            lock_order,
                            wake_up,
                            barrier_reuse,
                            lock_upgrade,
                            false_sharing}) {
    for (Experiment& experiment : lesson()) all.push_back(std::move(experiment));
  }
  return all;
}

}  // namespace contend::races
