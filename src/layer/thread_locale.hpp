#pragma once

#include <locale.h>

#include <new>

namespace regtool::layer {

/// A locale for the calling thread only, while a Scope lives: what libarchive does with names
/// depends on it.
class ThreadLocale {
  public:
    explicit ThreadLocale(const char* name) : locale_(::newlocale(LC_ALL_MASK, name, nullptr)) {
        if (locale_ == nullptr) {
            throw std::bad_alloc();
        }
    }

    ~ThreadLocale() { ::freelocale(locale_); }

    ThreadLocale(const ThreadLocale&) = delete;
    ThreadLocale& operator=(const ThreadLocale&) = delete;
    ThreadLocale(ThreadLocale&&) = delete;
    ThreadLocale& operator=(ThreadLocale&&) = delete;

    class Scope {
      public:
        explicit Scope(const ThreadLocale& locale) : previous_(::uselocale(locale.locale_)) {}

        ~Scope() { ::uselocale(previous_); }

        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;
        Scope(Scope&&) = delete;
        Scope& operator=(Scope&&) = delete;

      private:
        locale_t previous_;
    };

  private:
    locale_t locale_;
};

}  // namespace regtool::layer
