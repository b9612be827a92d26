#include "loadgen/account.hpp"

namespace contend::loadgen {

void Account::started(Clock::time_point now, Clock::time_point measure_from) {
  waiting_since_ = now;
  measure_from_ = measure_from;
}

void Account::top_up(Clock::time_point now) {
  if (plan_.open_loop) {
    while (flights_.size() < plan_.depth && !backlog_.empty()) begin(backlog_.pop().due, now);
  } else if (!stopped_ && flights_.size() < plan_.depth && !sent_all()) {
    begin(now, now, std::min(plan_.depth - flights_.size(), plan_.share - begun_));
  }
}

void Account::first_answer(bool served, Clock::time_point now) {
  judged_ = true;
  served_ = served;
  tally_->first_answers.push_back(
      {.client = plan_.client, .served = served, .wait = now - waiting_since_});
}

void Account::cut(Clock::time_point now) {
  if (!judged_ && waiting()) first_answer(false, now);
  for (; !flights_.empty(); ++tally_->unfinished) record(flights_.pop(), now);
  // What was due and never sent has no service time, but its user waits all the same.
  while (!backlog_.empty()) {
    const Flight unsent = backlog_.pop();
    if (unsent.due >= measure_from_) tally_->intended.record(now - unsent.due);
  }
}

}  // namespace contend::loadgen
