// The lessons of the catalogue, one function a file. Only catalogue.cpp calls them.
#pragma once

#include <vector>

#include <contend/races.hpp>

namespace contend::races {

std::vector<Experiment> lost_update();
std::vector<Experiment> folded_loop();
std::vector<Experiment> check_then_act();
std::vector<Experiment> lazy_initialisation();
std::vector<Experiment> double_checked_locking();
std::vector<Experiment> publication();
std::vector<Experiment> message_passing();
std::vector<Experiment> store_buffering();
std::vector<Experiment> load_buffering();
std::vector<Experiment> iriw();
std::vector<Experiment> dekker();
std::vector<Experiment> peterson();
std::vector<Experiment> seqlock();
std::vector<Experiment> ring();
std::vector<Experiment> aba();
std::vector<Experiment> reference_count();
std::vector<Experiment> shared_pointer();
std::vector<Experiment> torn_value();
std::vector<Experiment> neighbours();
std::vector<Experiment> container_growth();
std::vector<Experiment> lock_order();
std::vector<Experiment> wake_up();
std::vector<Experiment> barrier_reuse();
std::vector<Experiment> lock_upgrade();
std::vector<Experiment> false_sharing();

}  // namespace contend::races
