#pragma once

#include <stop_token>

namespace regtool::base {

/// Stopped when one of two is. Ends with the call that its token is for.
class EitherStop {
  public:
    EitherStop(const std::stop_token& one, const std::stop_token& other)
        : on_one_(one, Request{&source_}), on_other_(other, Request{&source_}) {}

    ~EitherStop() = default;
    EitherStop(const EitherStop&) = delete;
    EitherStop& operator=(const EitherStop&) = delete;
    EitherStop(EitherStop&&) = delete;
    EitherStop& operator=(EitherStop&&) = delete;

    [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

  private:
    struct Request {
        std::stop_source* source;

        void operator()() const noexcept { source->request_stop(); }
    };

    std::stop_source source_;
    std::stop_callback<Request> on_one_;
    std::stop_callback<Request> on_other_;
};

}  // namespace regtool::base
