#pragma once

namespace regtool::base {

/// A library that only some commands need, loaded by hand when one does: linking it would cost the
/// start of every other one. It stays loaded. Thread-safe.
class SharedLibrary {
  public:
    /// `file` as the loader finds it: "libjq.so.1".
    explicit SharedLibrary(const char* file) noexcept;

    /// Whether it is installed.
    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// False when it has no such function. It is for the caller to know its type.
    template <class Function>
    [[nodiscard]] bool find(const char* name, Function& function) const noexcept {
        function = reinterpret_cast<Function>(address_of(name));
        return function != nullptr;
    }

  private:
    [[nodiscard]] void* address_of(const char* name) const noexcept;

    void* handle_;
};

}  // namespace regtool::base
