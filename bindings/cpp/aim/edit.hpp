/// @file
/// aim::Edit: changes of stored runs.
#pragma once

#include "error.hpp"
#include "text.hpp"
#include "value.hpp"

#include <aim.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace aim {

/// Changes of stored runs, collected to be made together by Repo::edit() or Repo::edit_runs(). Each function adds one and
/// returns the edit, so that calls can be chained; the first that fails is told when the edit is used.
class Edit {
  public:
    /// Without changes.
    Edit() {
        aim_edit *edit = nullptr;
        note(detail::call(aim_edit_new, &edit));
        handle_.reset(edit);
    }

    /// Renames the runs.
    Edit &set_name(Text name) { return note(detail::call(aim_edit_set_name, handle(), name.c_str())); }
    /// Describes the runs.
    Edit &set_description(Text text) { return note(detail::call(aim_edit_set_description, handle(), text.c_str())); }
    /// Moves the runs to another experiment.
    Edit &set_experiment(Text name) { return note(detail::call(aim_edit_set_experiment, handle(), name.c_str())); }
    /// Archives the runs or brings them back.
    Edit &set_archived(bool archived) { return note(detail::call(aim_edit_set_archived, handle(), archived)); }
    /// Adds a tag.
    Edit &add_tag(Text tag) { return note(detail::call(aim_edit_add_tag, handle(), tag.c_str())); }
    /// Removes a tag.
    Edit &remove_tag(Text tag) { return note(detail::call(aim_edit_remove_tag, handle(), tag.c_str())); }
    /// Sets a param; `key` is a top-level key or a JSON Pointer.
    Edit &set_param(Text key, const Value &value) {
        return note(detail::call(aim_edit_set_param, handle(), key.c_str(), Text(value.to_json()).c_str()));
    }
    /// Deletes a param with all below it.
    Edit &delete_param(Text key) { return note(detail::call(aim_edit_delete_param, handle(), key.c_str())); }
    /// Adds a note.
    Edit &add_note(Text text) { return note(detail::call(aim_edit_add_note, handle(), text.c_str())); }
    /// Replaces the text of a note.
    Edit &set_note(std::int32_t number, Text text) {
        return note(detail::call(aim_edit_set_note, handle(), number, text.c_str()));
    }
    /// Deletes a note.
    Edit &delete_note(std::int32_t number) { return note(detail::call(aim_edit_delete_note, handle(), number)); }
    /// Deletes a metric with all its points; in every context, or in this one, an object.
    Edit &drop_metric(Text name, const std::optional<Value> &context = {}) {
        const std::string json = context ? context->to_json() : std::string();
        return note(detail::call(aim_edit_drop_metric, handle(), name.c_str(), context ? Text(json).c_str() : nullptr));
    }

    /// The handle of the C interface, which stays the edit's.
    aim_edit *handle() const noexcept { return handle_.get(); }
    /// The first error that a change met.
    const std::optional<Error> &error() const noexcept { return error_; }

  private:
    struct Free {
        void operator()(aim_edit *edit) const noexcept { aim_edit_free(edit); }
    };

    Edit &note(const Result<void> &done) {
        if (!done && !error_) error_ = done.error();
        return *this;
    }

    std::unique_ptr<aim_edit, Free> handle_;
    std::optional<Error> error_;
};

} // namespace aim
